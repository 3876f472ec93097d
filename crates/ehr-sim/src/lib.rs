//! One simulated EHR.
