<?php

// The words for what the EHR says now about a value that was fetched before.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\EhrState;

final class EhrMark
{
    /** Empty for a value that is in the EHR as it was fetched. */
    public static function words(EhrState $state): string
    {
        return match ($state) {
            EhrState::Current => '',
            EhrState::Corrected => 'corrected in the EHR',
            EhrState::Gone => 'no longer in the EHR',
            EhrState::NotMatching => 'no longer matches this field',
            EhrState::EnteredInError => 'entered in error',
        };
    }

    /** The mark as HTML, to stand after a value. */
    public static function badge(?EhrState $state): string
    {
        $words = $state === null ? '' : self::words($state);
        return $words === '' ? '' : " <span class=\"badge mark\">$words</span>";
    }
}
