<?php

// Permission for one pull: given to who has sent a form, used up by the page that pulls.
//
// That page's address alone pulls nothing: a link of another site, a reload or the browser's history would else open a
// patient's chart at the EHR in the user's name.

declare(strict_types=1);

namespace App\Study;

use App\App;
use App\Web\Http;

final class PullOnce
{
    private const KIND = 'pull';
    /** A sign-in to the EHR may lie in between. */
    private const SECONDS = 1200;

    /**
     * What the address of the page that pulls has to hold.
     *
     * @return array{pull: string, once: string}
     */
    public static function query(App $app): array
    {
        return ['pull' => '1', 'once' => $app->tickets()->keep(self::KIND, $app->session()->browser(), [], time() + self::SECONDS)];
    }

    /** Whether this request may pull; after that, none with its address may. */
    public static function isAllowed(App $app): bool
    {
        $ticket = [self::KIND, $app->session()->browser(), Http::parameter('once')];
        return $app->tickets()->read(...$ticket) !== null && $app->tickets()->drop(...$ticket);
    }
}
