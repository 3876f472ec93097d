<?php

// Permission for one pull: created when a user submits a form, and used once by the page that pulls.
//
// The URL of that page alone pulls nothing. Otherwise a link on another site, a reload or the browser's history could open a
// patient's chart in the EHR in the user's name.

declare(strict_types=1);

namespace App\Study;

use App\App;
use App\Web\Http;

final class PullOnce
{
    private const KIND = 'pull';
    /** Long enough for a sign-in to the EHR in between. */
    private const SECONDS = 1200;

    /**
     * The query parameters for the page that pulls.
     *
     * @return array{pull: string, once: string}
     */
    public static function query(App $app): array
    {
        return ['pull' => '1', 'once' => $app->tickets()->keep(self::KIND, $app->session()->browser(), [], time() + self::SECONDS)];
    }

    /** Whether this request may pull. A later request with the same URL may not. */
    public static function isAllowed(App $app): bool
    {
        $ticket = [self::KIND, $app->session()->browser(), Http::parameter('once')];
        return $app->tickets()->read(...$ticket) !== null && $app->tickets()->drop(...$ticket);
    }
}
