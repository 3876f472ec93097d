<?php

/** @generate-class-entries */

namespace FhirEhr {
    /** Returns the version of the loaded library libfhir_ehr, such as "0.1.0". phpinfo() shows more. */
    function version(): string {}

    /**
     * Returns the fields that a mapping may name, for a search or a selection list. It contains frequent LOINC codes with labels;
     * each other LOINC code is a field, too.
     * - synonyms: other words that people type to find the field, such as "WBC".
     * - temporal: values have a time, so that the dates and the offset of a pull apply.
     * - demographic: the value is read from the Patient resource.
     *
     * @return list<array{name: string, label: string, category: string, synonyms: list<string>, temporal: bool, demographic: bool}>
     */
    function fields(): array {}
}
