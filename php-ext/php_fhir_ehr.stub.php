<?php

/** @generate-class-entries */

namespace FhirEhr {
    /** The version of the loaded library libfhir_ehr, such as "0.1.0". phpinfo() tells more. */
    function version(): string {}
}
