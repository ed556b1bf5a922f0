//! The hospital's configuration, kept by another service of the platform.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use serde_json::Value;

use crate::{
    outside::{CallError, Client},
    settings::TrustomerSettings,
};

/// Asks for the configuration, and remembers the answer for a while.
pub(crate) struct Trustomer {
    settings: TrustomerSettings,
    client: Client,
    known: Mutex<Option<(Instant, Value)>>,
}

impl Trustomer {
    /// Asks nothing yet.
    pub(crate) fn new(settings: TrustomerSettings, client: Client) -> Self {
        Self { settings, client, known: Mutex::default() }
    }

    /// The configuration. Blocks. A failure is not remembered.
    ///
    /// # Errors
    /// When the service does not answer as it should.
    pub(crate) fn configuration(&self, request_id: &str) -> Result<Value, CallError> {
        if let Some((asked, known)) = &*self.lock()
            && asked.elapsed() < self.settings.cache
        {
            return Ok(known.clone());
        }
        let configuration = self.ask(request_id)?;
        *self.lock() = Some((Instant::now(), configuration.clone()));
        Ok(configuration)
    }

    fn ask(&self, request_id: &str) -> Result<Value, CallError> {
        let TrustomerSettings { host, customer, api_key, .. } = &self.settings;
        let url = format!("{host}/dhos/v1/trustomer/{customer}");
        let headers = [
            ("Authorization", api_key.as_str()),
            ("X-Trustomer", customer),
            ("X-Product", "polaris"),
            ("X-Request-ID", request_id),
        ];
        let answer = self.client.get(&url, &headers)?;
        if answer.status >= 400 {
            return Err(CallError::Unavailable(format!(
                "trustomer configuration: HTTP status {}",
                answer.status
            )));
        }
        serde_json::from_str(&answer.text)
            .map_err(|_| CallError::Unavailable("trustomer configuration: not JSON".to_owned()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Value)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
