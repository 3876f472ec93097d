//! What a Rust test asks of one FHIR base URL, of tenants and of registrations.

use super::Simulator;
use crate::{
    ehr::Ehr,
    options::{FhirRelease, LaunchOptions},
    received::ReceivedRequest,
    registration::Registration,
    users,
};

impl Simulator {
    /// The FHIR base URLs: [`Simulator::iss`], then those of the other tenants.
    #[must_use]
    pub fn bases(&self) -> Vec<String> {
        self.ehr.bases().map(Ehr::iss).collect()
    }

    /// The FHIR base URL of a tenant.
    #[must_use]
    pub fn iss_of(&self, tenant: &str, release: FhirRelease) -> Option<String> {
        self.ehr.bases().find(|base| base.tenant == tenant && base.options.fhir == release).map(Ehr::iss)
    }

    /// The token endpoint of a FHIR base URL.
    #[must_use]
    pub fn token_endpoint(&self, iss: &str) -> Option<String> {
        self.ehr.base_of_iss(iss).map(Ehr::token_endpoint)
    }

    /// The issuer of the authorization server of a FHIR base URL, as in the metadata and in the callback's `iss`.
    #[must_use]
    pub fn issuer(&self, iss: &str) -> Option<String> {
        self.ehr.base_of_iss(iss).map(Ehr::issuer)
    }

    /// Makes a launch token at one of the FHIR base URLs.
    #[must_use]
    pub fn launch_at(&self, iss: &str, launch: &LaunchOptions) -> Option<String> {
        self.ehr.base_of_iss(iss).map(|base| base.new_launch(launch))
    }

    /// The ids of the patients of one of the FHIR base URLs.
    #[must_use]
    pub fn patient_ids_at(&self, iss: &str) -> Vec<String> {
        let base = self.ehr.base_of_iss(iss);
        base.map_or_else(Vec::new, |base| {
            base.resources().patients().map(|patient| patient.id.clone()).collect()
        })
    }

    /// [`Simulator::put_resource`] at one of the FHIR base URLs.
    ///
    /// # Errors
    /// There is no such base URL, or as [`Simulator::put_resource`].
    pub fn put_resource_at(&self, iss: &str, text: &str) -> Result<(), String> {
        let base = self.ehr.base_of_iss(iss).ok_or_else(|| format!("There is no FHIR base URL {iss}"))?;
        base.put_resource(text).map(drop)
    }

    /// The complete requests since the start or the last reset, with [`crate::Options::keep_requests`]. An authorization request
    /// that [`Simulator::approve`] answered is one of them.
    #[must_use]
    pub fn received(&self) -> Vec<ReceivedRequest> {
        self.ehr.state().received.clone()
    }

    /// Turns on a switch that breaks a numbered rule of SMART App Launch 2.2.0. It stays on.
    ///
    /// # Errors
    /// There is no such switch. The text lists all of them.
    pub fn break_rule(&self, number: u16) -> Result<(), String> {
        self.ehr.state().rule_switches.turn_on(number)
    }

    /// Adds a client registration, or replaces the one with the same client id.
    pub fn put_registration(&self, registration: Registration) {
        self.ehr.state().registry.put(registration, self.ehr.clock.now_ms());
    }

    /// Publishes a new current key in the EHR's JWK set. The key before the last one is no longer published.
    pub fn rotate_jwks(&self) {
        self.ehr.state().server_keys.rotate(true);
    }

    /// Signs with a new key that the EHR's JWK set does not have yet (O19).
    pub fn rotate_jwks_unpublished(&self) {
        self.ehr.state().server_keys.rotate(false);
    }

    /// Replaces the current key with a new one that has the same `kid`.
    pub fn replace_jwk(&self) {
        self.ehr.state().server_keys.replace();
    }

    /// Publishes the key of [`Simulator::rotate_jwks_unpublished`].
    pub fn publish_jwks(&self) {
        self.ehr.state().server_keys.publish();
    }

    /// The reference to the Practitioner of an EHR user, as `Practitioner/ID`.
    #[must_use]
    pub fn practitioner(&self, user: &str) -> String {
        format!("Practitioner/{}", users::practitioner_id(user))
    }
}
