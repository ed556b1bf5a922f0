//! Changes to something that is built already: a mapping of properties without a class.

use super::faults::read_sound;
use crate::{
    features::Features,
    wire::{DecodeError, Fault, Position, Problem, Target, Token, Transcript},
};

/// Properties to set on a message or a part of one, such as what all messages of a fixture have in common.
///
/// Each property replaces the former value, of any kind. Wrappers, parts, lists and maps are replaced
/// as a whole, and need their class as anywhere. A null sets what null means for that property: nothing,
/// an empty list, an unknown wrapper. Properties that are not named stay.
pub struct Update(Transcript);

/// What an [`Update`] can be applied to: messages and their parts.
#[allow(private_bounds, reason = "only what is declared in this crate has properties")]
pub trait Updatable: Target {}

impl<T: Target> Updatable for T {}

impl Update {
    /// Reads the text of an update. Whether its properties exist shows when it is applied.
    ///
    /// # Errors
    /// When the text is no YAML, or anything but one mapping: nothing at all, a list, several documents.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        let mut documents = Transcript::documents(text)?.into_iter();
        let Some(document) = documents.next() else {
            let problem = Problem::Unfit("a mapping of properties: there is nothing in it");
            return Err(DecodeError { path: String::new(), problem, position: Position::Line(1) });
        };
        if let Some(second) = documents.next() {
            return Err(second.locate(Fault::unfit("a single mapping: here begins a second document", 0)));
        }
        match document.reader().token() {
            Ok(Token::Object) => Ok(Self(document)),
            Ok(other) => Err(document.locate(Fault::kind("a mapping of properties", other, 0))),
            Err(fault) => Err(document.locate(fault)),
        }
    }

    /// Sets the properties on a message or a part of one.
    ///
    /// # Errors
    /// The first property that the target does not have (the class is none) or that cannot be read. The
    /// others have been set all the same.
    pub fn apply(&self, target: &mut impl Updatable) -> Result<(), DecodeError> {
        self.try_on(target).into_iter().next().map_or(Ok(()), Err)
    }

    /// As [`apply`](Self::apply), but reports all faults.
    pub fn try_on(&self, target: &mut impl Updatable) -> Vec<DecodeError> {
        self.try_on_as(None, target)
    }

    /// As [`try_on`](Self::try_on); with features, properties that a peer with exactly these does not have are faults.
    pub fn try_on_as(&self, features: Option<Features>, target: &mut impl Updatable) -> Vec<DecodeError> {
        let mut reader = self.0.reader().for_peer_with(features);
        let faults = read_sound(&mut reader, target, false);
        faults.into_iter().map(|fault| self.0.locate(fault)).collect()
    }
}
