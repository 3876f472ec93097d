<?php

// Small things about requests and answers.

declare(strict_types=1);

namespace App\Web;

final class Http
{
    public const END_OF_FORM = '<input type="hidden" name="all" value="1">';

    /** One parameter of the form or of the address, as text; empty when it is not there. */
    public static function parameter(string $name): string
    {
        $given = $_POST[$name] ?? $_GET[$name] ?? '';
        return is_string($given) ? trim($given) : '';
    }

    /**
     * A field of the form with several values.
     *
     * @return array<array-key, string>
     */
    public static function parameters(string $name): array
    {
        $given = $_POST[$name] ?? [];
        return array_filter(is_array($given) ? $given : [], is_string(...));
    }

    /**
     * Ends a POST of which something is missing: PHP cuts a form off after max_input_vars fields, silently. The form's last
     * field, END_OF_FORM, tells that all came.
     */
    public static function demandWholeForm(): void
    {
        if (self::parameter('all') !== '1') {
            throw new Denied(400, 'Too many values', 'PHP has cut the form off, and nothing was saved. '
                . 'The administrator of the server can raise max_input_vars in php.ini.');
        }
    }

    public static function isPost(): bool
    {
        return ($_SERVER['REQUEST_METHOD'] ?? '') === 'POST';
    }

    /** Whether the page is shown within a page of somebody else. Browsers too old to say so count as windows. */
    public static function isFramed(): bool
    {
        return in_array($_SERVER['HTTP_SEC_FETCH_DEST'] ?? '', ['iframe', 'frame'], true);
    }

    /**
     * The address of one of our own pages, with a query. Parameters that are null are left out.
     *
     * @param array<string, ?string> $query
     */
    public static function to(string $page, array $query = []): string
    {
        $query = http_build_query(array_filter($query, static fn(?string $value): bool => $value !== null));
        return $page . ($query === '' ? '' : "?$query");
    }

    /**
     * Sends the browser to one of our own pages: never to an address out of a request.
     *
     * @param array<string, ?string> $query
     */
    public static function redirect(string $page, array $query = []): never
    {
        self::send(self::to($page, $query));
    }

    /** Sends the browser to the EHR, to an address that fhir_ehr has made. */
    public static function send(string $address): never
    {
        header('Cache-Control: no-store');
        header('Referrer-Policy: no-referrer');
        header("Location: $address", true, 303);
        exit;
    }
}
