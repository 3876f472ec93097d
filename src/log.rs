//! Events that a host may write down: few, with counts and names, never a token, a secret, a record
//! number, a patient or an address.

use std::time::Instant;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// The normal course.
    Info,
    /// Something was refused or is not complete.
    Warning,
    /// Something failed that should not.
    Error,
}

/// Where a host takes events.
pub trait Log: Send + Sync {
    /// One event, on the thread that called the client and never while it waits for the network.
    fn event(&self, level: Level, name: &str, fields: &[(&str, &str)]);
}

/// The host's log, if it brought one, and `tracing` in any case.
#[derive(Clone, Copy)]
pub struct Events<'a>(pub Option<&'a dyn Log>);

impl Events<'_> {
    /// Tells an event.
    pub fn tell(&self, level: Level, name: &str, fields: &[(&str, &str)]) {
        match level {
            Level::Info => tracing::info!(target: "fhir_ehr", event = name, ?fields),
            Level::Warning => tracing::warn!(target: "fhir_ehr", event = name, ?fields),
            Level::Error => tracing::error!(target: "fhir_ehr", event = name, ?fields),
        }
        if let Some(log) = self.0 {
            log.event(level, name, fields);
        }
    }
}

/// The milliseconds since a moment, as a field.
pub(crate) fn milliseconds(since: Instant) -> String {
    since.elapsed().as_millis().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    struct Kept(Mutex<Vec<String>>);

    impl Log for Kept {
        fn event(&self, level: Level, name: &str, fields: &[(&str, &str)]) {
            self.0.lock().unwrap().push(format!("{level:?} {name} {fields:?}"));
        }
    }

    #[test]
    fn a_host_hears_what_is_told() {
        let kept = Kept(Mutex::default());
        Events(Some(&kept)).tell(Level::Info, "staged", &[("rows", "3")]);
        Events(None).tell(Level::Error, "nobody_listens", &[]);
        assert_eq!(*kept.0.lock().unwrap(), [r#"Info staged [("rows", "3")]"#]);
    }
}
