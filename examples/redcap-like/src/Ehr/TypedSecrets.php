<?php

// Client secrets that were entered but not saved yet. They are stored encrypted and never sent back to the browser.
//
// Without this, a user who presses Auto-Find or makes a mistake in another field would have to enter the secret again.

declare(strict_types=1);

namespace App\Ehr;

use App\App;
use App\Web\Http;

final class TypedSecrets
{
    private const KIND = 'typed-secrets';
    private const SECONDS = 1800;

    public function __construct(
        private readonly App $app,
    ) {}

    /**
     * The entered secrets by account. An empty one is to be removed; a missing one is unchanged.
     *
     * @return array<string, string>
     */
    public function read(): array
    {
        /** @var array<string, string> $secrets */
        $secrets = $this->app->tickets()->read(self::KIND, $this->app->session()->browser(), Http::parameter('typed')) ?? [];
        foreach (SourceForm::ACCOUNTS as $account => [, $prefix]) {
            $typed = Http::parameter($prefix . 'client_secret');
            if (Http::parameter($prefix . 'client_secret_remove') !== '') {
                $secrets[$account] = '';
            } elseif ($typed !== '') {
                $secrets[$account] = $typed;
            }
        }
        return $secrets;
    }

    /**
     * Stores the secrets for the form that is shown again, and returns the ticket for it.
     *
     * @param array<string, string> $secrets
     */
    public function keep(#[\SensitiveParameter] array $secrets): ?string
    {
        $this->drop();
        $browser = $this->app->session()->browser();
        return $secrets === [] ? null : $this->app->tickets()->keep(self::KIND, $browser, $secrets, time() + self::SECONDS);
    }

    public function drop(): void
    {
        $this->app->tickets()->drop(self::KIND, $this->app->session()->browser(), Http::parameter('typed'));
    }
}
