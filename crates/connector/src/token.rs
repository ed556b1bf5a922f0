//! JSON Web Tokens with a shared key (HS256, HS384, HS512).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ring::hmac;
use serde_json::{Map, Value, json};

use crate::settings::{AdapterSettings, TokenSettings};

/// A token that has the form of one. Its signature has not been looked at.
#[derive(Clone)]
pub struct Token {
    algorithm: String,
    claims: Map<String, Value>,
    /// Header and claims as they were signed.
    signed: String,
    signature: Vec<u8>,
}

/// Why a token is refused: for the log, never for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is none.
    #[error("not a token")]
    Form,
    /// The scheme is not `Bearer`, to the letter.
    #[error("the scheme is not Bearer")]
    Scheme,
    /// Nobody who may call this.
    #[error("the issuer may not call this")]
    Issuer,
    /// An algorithm that is not accepted, or not with a shared key.
    #[error("the algorithm is not accepted")]
    Algorithm,
    /// Changed, or made with another key.
    #[error("the signature is wrong")]
    Signature,
    /// Made for another service.
    #[error("it is for another audience")]
    Audience,
    /// Not valid any more, or not yet.
    #[error("it is not valid now")]
    Time,
    /// A claim of the wrong type.
    #[error("a claim has the wrong type")]
    Claim,
    /// Without the right that is needed.
    #[error("the scope is missing")]
    Scope,
    /// Validation is switched off, and even so there must be an issuer.
    #[error("there is no issuer")]
    NoIssuer,
}

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// The platform's services.
    Internal,
    /// These, and the EPR Service Adapter.
    InternalAndAdapter,
}

impl Token {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When it does not consist of a header, claims and a signature.
    pub fn decode(text: &str) -> Result<Self, Refused> {
        let (signed, signature) = text.rsplit_once('.').ok_or(Refused::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(Refused::Form)?;
        let header = object(header)?;
        let Some(Value::String(algorithm)) = header.get("alg") else { return Err(Refused::Form) };
        Ok(Self {
            algorithm: algorithm.clone(),
            claims: object(claims)?,
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).map_err(|_| Refused::Form)?,
        })
    }

    /// Checks everything about it, and gives the id of the user who acts.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(
        &self,
        settings: &TokenSettings,
        (callers, scope): (Callers, &str),
        now: DateTime<Utc>,
    ) -> Result<String, Refused> {
        let issuer = self.claims.get("iss").filter(|issuer| !issuer.is_null());
        let key = match issuer.and_then(Value::as_str) {
            Some(issuer) if issuer == settings.internal_issuer => Some(&settings.internal_key),
            Some(issuer) if issuer == settings.adapter_issuer && callers == Callers::InternalAndAdapter => {
                Some(&settings.adapter_key)
            }
            _ => None,
        };
        if settings.ignore {
            issuer.ok_or(Refused::NoIssuer)?;
            let Some(_) = key else { return Ok(unknown_user()) };
            self.scopes()?;
            return Ok(self.user());
        }
        self.verify(key.ok_or(Refused::Issuer)?)?;
        self.check_audience(&settings.internal_issuer)?;
        self.check_times(now)?;
        if !self.scopes()?.contains(&scope) {
            return Err(Refused::Scope);
        }
        Ok(self.user())
    }

    fn verify(&self, key: &str) -> Result<(), Refused> {
        let algorithm = match self.algorithm.as_str() {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            _ => return Err(Refused::Algorithm),
        };
        let key = hmac::Key::new(algorithm, key.as_bytes());
        hmac::verify(&key, self.signed.as_bytes(), &self.signature).map_err(|_| Refused::Signature)
    }

    fn check_audience(&self, ours: &str) -> Result<(), Refused> {
        let fits = match self.claims.get("aud") {
            None => true,
            Some(Value::String(audience)) => audience == ours,
            Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience.as_str() == Some(ours)),
            Some(_) => false,
        };
        if fits { Ok(()) } else { Err(Refused::Audience) }
    }

    fn check_times(&self, now: DateTime<Utc>) -> Result<(), Refused> {
        let now = now.timestamp();
        let claim = |name| match self.claims.get(name) {
            None => Ok(None),
            Some(value) => whole_seconds(value).ok_or(Refused::Claim).map(Some),
        };
        if claim("exp")?.is_some_and(|expiry| expiry <= now) || claim("nbf")?.is_some_and(|start| start > now)
        {
            return Err(Refused::Time);
        }
        claim("iat")?;
        let texts = ["sub", "jti"].map(|name| self.claims.get(name));
        if texts.iter().flatten().any(|value| !value.is_string()) {
            return Err(Refused::Claim);
        }
        Ok(())
    }

    fn scopes(&self) -> Result<Vec<&str>, Refused> {
        match self.claims.get("scope") {
            None => Ok(Vec::new()),
            Some(Value::String(scopes)) => Ok(scopes.split(' ').collect()),
            Some(_) => Err(Refused::Claim),
        }
    }

    /// Whoever acts, by the first of these ids.
    fn user(&self) -> String {
        let ids = ["patient_id", "device_id", "clinician_id", "system_id"];
        let metadata = self.claims.get("metadata").and_then(Value::as_object);
        let id = metadata.and_then(|metadata| ids.iter().find_map(|id| metadata.get(*id)));
        match id {
            Some(Value::String(id)) if !id.contains('\0') => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            _ => unknown_user(),
        }
    }
}

fn unknown_user() -> String {
    "unknown".to_owned()
}

fn whole_seconds(value: &Value) -> Option<i64> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "seconds of a time; what is beyond is far away either way"
    )]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

fn object(encoded: &str) -> Result<Map<String, Value>, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).map_err(|_| Refused::Form)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Refused::Form),
    }
}

/// A token for the EPR Service Adapter.
pub fn for_adapter(settings: &AdapterSettings, scope: &str, now: DateTime<Utc>) -> String {
    let claims = json!({
        "iss": settings.issuer,
        "aud": settings.issuer,
        "scope": scope,
        "exp": (now + settings.token_lifetime.min(Duration::from_secs(31_536_000))).timestamp(),
    });
    sign(&claims, &settings.key)
}

/// A token with these claims, signed with HS512.
pub fn sign(claims: &Value, key: &str) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&json!({ "alg": "HS512", "typ": "JWT" })), encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA512, key.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()).as_ref());
    format!("{signed}.{signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> TokenSettings {
        TokenSettings {
            internal_issuer: "http://platform/".to_owned(),
            internal_key: "secret".to_owned(),
            adapter_issuer: "http://adapter/".to_owned(),
            adapter_key: "other".to_owned(),
            ignore: false,
        }
    }

    fn check(claims: &Value, key: &str) -> Result<String, Refused> {
        check_text(&sign(claims, key), &settings())
    }

    fn check_text(text: &str, settings: &TokenSettings) -> Result<String, Refused> {
        let now = DateTime::from_timestamp(1000, 0).unwrap();
        Token::decode(text)?.check(settings, (Callers::Internal, "read:it"), now)
    }

    fn claims(changed: &Value) -> Value {
        let mut claims = json!({ "iss": "http://platform/", "scope": "write:it read:it", "exp": 1001 });
        let object = claims.as_object_mut().unwrap();
        for (name, value) in changed.as_object().unwrap() {
            object.insert(name.clone(), value.clone());
        }
        claims
    }

    #[test]
    fn what_is_checked() {
        let refused = |changed: Value| check(&claims(&changed), "secret").unwrap_err();
        assert_eq!(check(&claims(&json!({})), "secret").unwrap(), "unknown");
        assert_eq!(check(&claims(&json!({})), "wrong").unwrap_err(), Refused::Signature);
        assert_eq!(refused(json!({ "iss": null })), Refused::Issuer);
        assert_eq!(refused(json!({ "iss": "http://platform" })), Refused::Issuer);
        assert_eq!(refused(json!({ "iss": "http://adapter/" })), Refused::Issuer);
        assert_eq!(refused(json!({ "aud": "http://else/" })), Refused::Audience);
        assert_eq!(refused(json!({ "exp": 1000 })), Refused::Time);
        assert_eq!(refused(json!({ "nbf": 1001 })), Refused::Time);
        assert_eq!(refused(json!({ "iat": "soon" })), Refused::Claim);
        assert_eq!(refused(json!({ "sub": 7 })), Refused::Claim);
        assert_eq!(refused(json!({ "scope": ["read:it"] })), Refused::Claim);
        assert_eq!(refused(json!({ "scope": "read:it2" })), Refused::Scope);
        let audiences = json!({ "aud": ["x", "http://platform/"], "metadata": { "system_id": "s", "clinician_id": "c" } });
        assert_eq!(check(&claims(&audiences), "secret").unwrap(), "c");
    }

    #[test]
    fn no_algorithm_but_those_with_a_shared_key() {
        for algorithm in ["none", "RS256", "ES256", "hs256", "HS1"] {
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let token = format!("{}.{}.", encode(&json!({ "alg": algorithm })), encode(&claims(&json!({}))));
            assert_eq!(check_text(&token, &settings()), Err(Refused::Algorithm), "{algorithm}");
        }
        for text in ["", "a.b", "a.b.c", "e30.e30.", "e30.W10.x"] {
            assert_eq!(check_text(text, &settings()), Err(Refused::Form), "{text}");
        }
    }

    #[test]
    fn without_validation_an_issuer_is_needed_all_the_same() {
        let ignoring = TokenSettings { ignore: true, ..settings() };
        let check = |claims: Value| check_text(&sign(&claims, "any"), &ignoring);
        let metadata = json!({ "clinician_id": "c" });
        assert_eq!(check(json!({})), Err(Refused::NoIssuer));
        assert_eq!(check(json!({ "iss": "x", "metadata": metadata })).unwrap(), "unknown");
        assert_eq!(check(json!({ "iss": "http://platform/", "metadata": metadata })).unwrap(), "c");
        assert_eq!(check(json!({ "iss": "http://platform/", "scope": 1 })), Err(Refused::Claim));
    }
}
