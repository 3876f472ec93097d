<?php

/** @generate-class-entries */

namespace FhirEhr {
    /** The version of the loaded library libfhir_ehr, such as "0.1.0". phpinfo() tells more. */
    function version(): string {}

    /**
     * The fields that a mapping may name: for a search, or a list to choose from. Much used LOINC codes are
     * among them, with labels; every other LOINC code is a field as well. "temporal": it has a time, so that a
     * window applies. "demographic": it is read from the Patient.
     * "synonyms": other words that people type to find the field, such as "WBC".
     *
     * @return list<array{name: string, label: string, category: string, synonyms: list<string>, temporal: bool, demographic: bool}>
     */
    function fields(): array {}
}
