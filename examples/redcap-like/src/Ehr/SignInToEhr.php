<?php

// Signing in to the EHR from within the application, and the way back to the page where it began.

declare(strict_types=1);

namespace App\Ehr;

use App\App;
use App\Web\ErrorPage;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;

final class SignInToEhr
{
    /** As long as fhir_ehr remembers a launch. */
    private const SECONDS = 600;

    public function __construct(
        private readonly App $app,
        private readonly string $source,
    ) {}

    /** Whether a sign-in mends this error. */
    public static function mends(EhrException $thrown): bool
    {
        return $thrown->getRetry() === 'after_sign_in';
    }

    /** What is told of an error: calmly when it is only that nobody is signed in. */
    public static function told(EhrException $thrown, ?EhrView $view = null): string
    {
        $told = in_array($thrown->getName(), ['grant_not_found', 'grant_expired', 'invalid_grant'], true)
            ? '<p class="notice warning" role="alert">You are not signed in to the EHR, or that sign-in has ended.</p>'
            : ErrorPage::told($thrown);
        // Within the EHR there is one way to sign in: the launch.
        return $told . ($view !== null && self::mends($thrown) ? "<p>Open the application from the patient's chart again.</p>" : '');
    }

    /**
     * The button. The page that takes its form, by POST with do=sign-in, calls begin().
     *
     * @param array<string, ?string> $fields what that page needs to know
     */
    public function button(string $page, array $fields): string
    {
        return '<form method="post" action="' . h($page) . '" class="actions">' . $this->app->session()->csrfField()
            . Page::hidden($fields) . '<button name="do" value="sign-in" class="primary">Sign in to the EHR</button></form>';
    }

    /**
     * Sends the browser to the EHR; ehr.php brings it back to one of our own pages.
     *
     * @param array<string, ?string> $query
     */
    public function begin(string $page, array $query): never
    {
        $session = $this->app->session();
        $address = $this->app->ehr()->standaloneLaunch($this->source, $this->app->user(), $session->browser());
        parse_str((string) parse_url($address, PHP_URL_QUERY), $sent);
        /** @var array{state: string} $sent */
        $note = ['page' => $page, 'query' => $query];
        $this->app->tickets()->keep('sign-in', $session->browser(), $note, time() + self::SECONDS, hash('sha256', $sent['state']));
        if ($this->formTargets() !== []) {
            Http::send($address);
        }
        // Browsers let a form lead to another site only if its page has named it; a link may lead anywhere.
        $link = new Page($this->app, 'Sign in to the EHR');
        $link->begin();
        echo '<p><a class="button primary" href="', h($address), '">Go on to the EHR</a></p>';
        $link->end();
        exit;
    }

    /**
     * Where the button's form leads to in the end, for Page.
     *
     * @return list<string> empty while nobody knows
     */
    public function formTargets(): array
    {
        foreach ($this->app->client()->sources() as $source) {
            if ($source->id === $this->source && preg_match('~^https?://[^/?#;,\s]+~', (string) $source->authorizationEndpoint, $origin)) {
                return [$origin[0]];
            }
        }
        return [];
    }
}
