//! Puts the parts of the daemon together.

use std::sync::Arc;

use emap_feed::{Feed, Reports};
use emap_service::{Backoff, Component, Retry, Runtime, health::components};
use tokio_util::sync::CancellationToken;

use super::{
    batch_processor::{BatchProcessor, Finished},
    error::RunError,
    load_status::LoadStatus,
    plan::Plan,
    processor::Processor,
    saved::SavedProgress,
};
use crate::{
    data_types::{Visitor, visit_all},
    progress::{EtlHooverProgress, ProgressError, ProgressTable},
    queries::QueryText,
    settings::{ConfigurationError, RunSettings, SourceSettings},
    strategy::QueryStrategy,
};

/// Reads the sources until the end of the window or the cancellation. Readiness has a component for each data type,
/// `star` (the progress table) and `broker`. `on_progress` is called whenever progress has been saved; it must not block.
///
/// # Errors
/// A setting is wrong, the progress table cannot be had, or the program has a mistake.
pub async fn run(
    sources: SourceSettings,
    settings: RunSettings,
    runtime: Runtime,
    on_progress: impl Fn(&EtlHooverProgress) + Send + Sync + 'static,
) -> Result<Finished, RunError> {
    let Runtime { transport, cancel, health } = runtime;
    let star = health.component(components::STAR);
    let (table, saved) = open(&settings, &star, &cancel).await?;
    let plan = Plan {
        date_from: settings.date_from,
        date_until: settings.date_until,
        poll: settings.poll,
        max_failures: settings.max_failures,
        quiet_hours: settings.quiet_hours,
        ids_lag: settings.ids_lag,
        clock: sources.clock,
    };
    tracing::info!(from = %plan.date_from, until = ?plan.date_until, data_types = ?settings.data_types, "reading");
    let reports = Reports {
        broker: health.component(components::BROKER),
        progress: health.component(components::PROGRESS),
    };
    let feed = Feed::new(settings.feed(), transport, reports, &cancel);
    let mut registration = Registration {
        processors: BatchProcessor::new(feed),
        sources: &sources,
        settings: &settings,
        plan: Arc::new(plan),
        saved,
        health: &health,
        error: None,
    };
    visit_all(&sources.site, &mut registration);
    if let Some(error) = registration.error {
        return Err(error.into());
    }
    let store = SavedProgress { table, on_progress: Box::new(on_progress) };
    Ok(registration.processors.run(store, star).await?)
}

async fn open(
    settings: &RunSettings,
    star: &Component,
    cancel: &CancellationToken,
) -> Result<(ProgressTable, Vec<EtlHooverProgress>), RunError> {
    let uds = settings.uds.clone();
    let open = move || {
        let mut table = ProgressTable::connect(&uds)?;
        let saved = table.load()?;
        Ok::<_, ProgressError>((table, saved))
    };
    let waiting = Retry::new(star, cancel, Backoff::seconds(1, 30));
    waiting.run_on_thread(open, |_| true).await.map_err(RunError::Progress)
}

/// Makes a processor of each data type that is wanted.
struct Registration<'s> {
    processors: BatchProcessor,
    sources: &'s SourceSettings,
    settings: &'s RunSettings,
    plan: Arc<Plan>,
    saved: Vec<EtlHooverProgress>,
    health: &'s emap_service::Health,
    error: Option<ConfigurationError>,
}

impl Registration<'_> {
    fn register<S: QueryStrategy>(&mut self, strategy: S) -> Result<(), ConfigurationError> {
        let definition = strategy.definition();
        let database = self.sources.database(definition)?;
        let query = QueryText::In(self.sources.queries.clone());
        let load_status = LoadStatus::of(definition.source, &self.sources.queries, self.sources.clock)?;
        let strategy = Arc::new(strategy);
        let hours = self.settings.window_hours(definition);
        let plan = Arc::clone(&self.plan);
        let processor =
            Processor::new(Arc::clone(&strategy), database, load_status, query, plan, hours, &self.saved);
        self.processors.register(&strategy, processor, self.health);
        Ok(())
    }
}

impl Visitor for Registration<'_> {
    fn visit<S: QueryStrategy>(&mut self, strategy: S) {
        if self.settings.data_types.contains(&strategy.definition().name) && self.error.is_none() {
            self.error = self.register(strategy).err();
        }
    }
}
