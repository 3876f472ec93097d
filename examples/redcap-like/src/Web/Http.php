<?php

// Functions for requests and redirects.

declare(strict_types=1);

namespace App\Web;

final class Http
{
    public const END_OF_FORM = '<input type="hidden" name="all" value="1">';

    /** A parameter of the form or the query string, as text; empty if it is missing. */
    public static function parameter(string $name): string
    {
        $given = $_POST[$name] ?? $_GET[$name] ?? '';
        return is_string($given) ? trim($given) : '';
    }

    /**
     * A form field with several values.
     *
     * @return array<array-key, string>
     */
    public static function parameters(string $name): array
    {
        $given = $_POST[$name] ?? [];
        return array_filter(is_array($given) ? $given : [], is_string(...));
    }

    /**
     * Refuses a POST with missing fields: PHP silently drops fields beyond max_input_vars. END_OF_FORM is the form's last field, so
     * its presence shows that the form is complete.
     */
    public static function requireCompleteForm(): void
    {
        if (self::parameter('all') !== '1') {
            throw new Denied(400, 'Too many values', 'The form has more fields than PHP accepts on this server. Nothing was saved. '
                . 'The server administrator can increase max_input_vars in php.ini.');
        }
    }

    public static function isPost(): bool
    {
        return ($_SERVER['REQUEST_METHOD'] ?? '') === 'POST';
    }

    /** Whether the browser shows the page in a frame. An old browser, which does not send Sec-Fetch-Dest, counts as a window. */
    public static function isFramed(): bool
    {
        return in_array($_SERVER['HTTP_SEC_FETCH_DEST'] ?? '', ['iframe', 'frame'], true);
    }

    /**
     * The URL of one of the application's own pages. Null parameters are left out.
     *
     * @param array<string, ?string> $query
     */
    public static function to(string $page, array $query = []): string
    {
        $query = http_build_query(array_filter($query, static fn(?string $value): bool => $value !== null));
        return $page . ($query === '' ? '' : "?$query");
    }

    /**
     * Redirects the browser to one of the application's own pages, never to a URL from a request.
     *
     * @param array<string, ?string> $query
     */
    public static function redirect(string $page, array $query = []): never
    {
        self::send(self::to($page, $query));
    }

    /** Redirects the browser to a URL of the EHR that fhir_ehr has made, or to an own page. */
    public static function send(string $address): never
    {
        header('Cache-Control: no-store');
        header('Referrer-Policy: no-referrer');
        header("Location: $address", true, 303);
        exit;
    }
}
