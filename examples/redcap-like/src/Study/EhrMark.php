<?php

// The label for the current state in the EHR of a value that was fetched before.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\EhrState;

final class EhrMark
{
    /** Empty if the EHR still has the value as it was fetched. */
    public static function text(EhrState $state): string
    {
        return match ($state) {
            EhrState::Current => '',
            EhrState::Corrected => 'corrected in the EHR',
            EhrState::Gone => 'no longer in the EHR',
            EhrState::NotMatching => 'no longer matches this field',
            EhrState::EnteredInError => 'entered in error',
        };
    }

    /** The label as an HTML badge, to put after a value. */
    public static function badge(?EhrState $state): string
    {
        $words = $state === null ? '' : self::text($state);
        return $words === '' ? '' : " <span class=\"badge mark\">$words</span>";
    }
}
