<?php

// Client secrets between two sendings of a form: never printed back, but kept, sealed, until the form is saved.
//
// Without this, who types a secret and then lets Auto-Find look, or mistypes an address, would have to type it again.

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
     * Secrets of the form by account; empty: to be removed; not there: unchanged.
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
     * Keeps them for the form that is shown again, and gives their name for it.
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
