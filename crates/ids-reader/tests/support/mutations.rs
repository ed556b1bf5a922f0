//! Ways in which messages are not as they should be: segments dropped, doubled, swapped; fields cut off; broken escapes;
//! other separators.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "shared by several test binaries")]

use proptest::{prelude::*, sample::Index};

/// The message, with these mutations one after the other.
pub fn mutated(text: &str, mutations: &[Mutation]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for mutation in mutations {
        mutate(&mut lines, mutation);
    }
    lines.join("\n")
}

#[derive(Debug, Clone)]
pub enum Mutation {
    Drop(Index),
    Double(Index),
    Swap(Index, Index),
    /// Cuts a line off at a byte.
    Cut(Index, Index),
    /// Puts text into a line.
    Insert(Index, Index, &'static str),
    /// Names another separator in the header only.
    Foreign(Index, char),
}

/// Any of them.
pub fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>;
    let pieces = prop::sample::select(vec![
        "\\", "\\T", "\\X0", "\\.br", "\\E\\\\", "|", "^", "~", "&", "\"\"", "->", "D", "F", "9", "\u{a0}",
        "é", "\r", "OBX",
    ]);
    prop_oneof![
        index().prop_map(Mutation::Drop),
        index().prop_map(Mutation::Double),
        (index(), index()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        (index(), index()).prop_map(|(line, at)| Mutation::Cut(line, at)),
        (index(), index(), pieces).prop_map(|(line, at, piece)| Mutation::Insert(line, at, piece)),
        (index(), prop::sample::select(vec!['$', '!', '^', '&', 'x']))
            .prop_map(|(at, c)| Mutation::Foreign(at, c)),
    ]
}

fn mutate(lines: &mut Vec<String>, mutation: &Mutation) {
    let position = |line: &str, at: &Index| {
        let at = at.index(line.len() + 1);
        (at..=line.len()).find(|&at| line.is_char_boundary(at)).unwrap_or_default()
    };
    let at = |index: &Index| index.index(lines.len());
    match mutation {
        Mutation::Drop(line) if lines.len() > 1 => drop(lines.remove(at(line))),
        Mutation::Drop(_) => {}
        Mutation::Double(line) => lines.insert(at(line), lines[at(line)].clone()),
        Mutation::Swap(one, other) => {
            let (one, other) = (at(one), at(other));
            lines.swap(one, other);
        }
        Mutation::Cut(line, place) => {
            let line = at(line);
            let place = position(&lines[line], place);
            lines[line].truncate(place);
        }
        Mutation::Insert(line, place, piece) => {
            let line = at(line);
            let place = position(&lines[line], place);
            lines[line].insert_str(place, piece);
        }
        Mutation::Foreign(place, separator) => {
            let place = 3 + place.index(5);
            if lines[0].is_char_boundary(place)
                && lines[0].is_char_boundary(place + 1)
                && lines[0].len() > place
            {
                lines[0].replace_range(place..=place, &separator.to_string());
            }
        }
    }
}
