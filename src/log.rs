//! Log events for the host: few, with counts and names. An event never holds a token, a secret, an MRN, a value of a patient,
//! or a URL.

use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/events.rs"));

/// The severity of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// Normal operation.
    Info,
    /// Something was refused or is incomplete.
    Warning,
    /// Something failed that should not fail.
    Error,
}

/// The log hook of a host.
pub trait Log: Send + Sync {
    /// Receives one event. It is called on the thread that called the client, and never while the client waits for the
    /// network.
    fn event(&self, level: LogLevel, name: &str, fields: &[(&str, &str)]);
}

/// Where events go: to the host's log, if there is one, and to `tracing`.
#[derive(Clone, Copy)]
pub struct Events<'a>(pub Option<&'a dyn Log>);

impl Events<'_> {
    /// Logs an event.
    pub(crate) fn log(&self, event: Event<'_>) {
        let (level, name, fields) = (event.level(), event.name(), event.fields());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_ref())).collect();
        match level {
            LogLevel::Info => tracing::info!(target: "fhir_ehr", event = name, ?fields),
            LogLevel::Warning => tracing::warn!(target: "fhir_ehr", event = name, ?fields),
            LogLevel::Error => tracing::error!(target: "fhir_ehr", event = name, ?fields),
        }
        if let Some(log) = self.0 {
            log.event(level, name, &fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Mutex, time::Duration};

    #[derive(Default)]
    struct Recorder(Mutex<Vec<String>>);

    impl Log for Recorder {
        fn event(&self, level: LogLevel, name: &str, fields: &[(&str, &str)]) {
            self.0.lock().unwrap().push(format!("{level:?} {name} {fields:?}"));
        }
    }

    #[test]
    fn the_host_receives_each_event_with_its_level_and_its_fields_as_text() {
        let recorder = Recorder::default();
        let events = Events(Some(&recorder));
        let milliseconds = Duration::from_millis(1234);
        events.log(Event::PullEnded { source: "sim", rows: 3, requests: 5, complete: true, milliseconds });
        events.log(Event::PullFailed { source: "sim", error: "limit_exceeded", milliseconds });
        Events(None).log(Event::PendingCleared { rows: 1 });
        assert_eq!(
            *recorder.0.lock().unwrap(),
            [
                r#"Info pull_ended [("source", "sim"), ("rows", "3"), ("requests", "5"), ("complete", "true"), ("milliseconds", "1234")]"#,
                r#"Warning pull_failed [("source", "sim"), ("error", "limit_exceeded"), ("milliseconds", "1234")]"#,
            ]
        );
    }

    #[test]
    fn the_status_of_a_resource_type_or_a_check_decides_on_the_level() {
        for (status, level) in [
            ("complete", LogLevel::Info),
            ("skipped", LogLevel::Info),
            ("partial", LogLevel::Warning),
            ("denied", LogLevel::Warning),
        ] {
            let event =
                Event::PullResource { source: "s", resource_type: "t", status, received: 1, requests: 1 };
            assert_eq!(event.level(), level, "{status}");
        }
        for (status, level) in
            [("ok", LogLevel::Info), ("unknown", LogLevel::Info), ("warning", LogLevel::Warning)]
        {
            let event = Event::SourceChecked { source: "s", step: "t", status, finding: "f" };
            assert_eq!(event.level(), level, "{status}");
        }
    }
}
