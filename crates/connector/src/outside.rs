//! HTTP calls to other services, and how they fail.

use std::{sync::Arc, time::Duration};

use ureq::{
    Agent, Body,
    http::Response,
    tls::{Certificate, RootCerts, TlsConfig},
};

/// Longest wait for another service.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest answer that is read.
const LONGEST_ANSWER: u64 = 16 << 20;

/// Why a call to another service did not succeed. No text holds what was sent or answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// It cannot be reached, or has not answered in time.
    #[error("{0}")]
    Unavailable(String),
    /// It answers, with something that is of no use.
    #[error("{0}")]
    Unusable(String),
}

/// Makes calls; clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: Agent,
}

impl Default for Client {
    fn default() -> Self {
        let found = rustls_native_certs::load_native_certs().certs;
        let roots: Vec<_> = found.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(roots))).build();
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(tls)
            .build();
        Self { agent: config.into() }
    }
}

/// An answer that was read.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Its text.
    pub(crate) text: String,
}

type Headers<'a> = &'a [(&'a str, &'a str)];

impl Client {
    /// Gets a page. Blocks.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) fn get(&self, url: &str, headers: Headers<'_>) -> Result<Answer, CallError> {
        let request =
            headers.iter().fold(self.agent.get(url), |request, (name, value)| request.header(*name, *value));
        read(request.call())
    }

    /// Posts a text. Blocks.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) fn post(&self, url: &str, headers: Headers<'_>, body: &str) -> Result<Answer, CallError> {
        let request =
            headers.iter().fold(self.agent.post(url), |request, (name, value)| request.header(*name, *value));
        read(request.send(body))
    }
}

fn read(answer: Result<Response<Body>, ureq::Error>) -> Result<Answer, CallError> {
    // Its words name hosts and reasons; a URL that is none is quoted, which is a setting.
    let unavailable = |error: ureq::Error| CallError::Unavailable(error.to_string());
    let mut answer = answer.map_err(unavailable)?;
    let status = answer.status().as_u16();
    let bytes = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec().map_err(unavailable)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Answer { status, text }),
        Err(_) => Err(CallError::Unusable("the answer is not UTF-8".to_owned())),
    }
}
