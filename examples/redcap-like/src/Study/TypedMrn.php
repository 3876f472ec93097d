<?php

// A medical record number that a user typed.

declare(strict_types=1);

namespace App\Study;

use App\Web\Http;

final class TypedMrn
{
    /** The posted MRN, without the white space around it. Users paste MRNs from documents with many kinds of white space. */
    public static function posted(): string
    {
        return Http::isPost() ? preg_replace('/^[\s\p{Z}]+|[\s\p{Z}]+$/u', '', Http::parameter('mrn')) ?? '' : '';
    }

    public static function isValid(string $mrn): bool
    {
        return $mrn !== '' && strlen($mrn) <= 100 && preg_match('/^[^\p{C}]+$/uD', $mrn) === 1;
    }

    public const INVALID = 'Enter a medical record number of at most 100 characters.';
}
