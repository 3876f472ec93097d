<?php

// The label for the current state in the EHR of a value that was fetched before.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\EhrState;
use FhirEhr\StagedRow;

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

    /** A note after a value that no user has pulled. The library writes this name; pulls by users have the name of the user. */
    public static function account(StagedRow $row): string
    {
        return $row->pulledBy === 'system account' ? ' <span class="badge account">pulled by the system account</span>' : '';
    }

    /** The label as an HTML badge, to put after a value. */
    public static function badge(?EhrState $state): string
    {
        $words = $state === null ? '' : self::text($state);
        return $words === '' ? '' : " <span class=\"badge mark\">$words</span>";
    }
}
