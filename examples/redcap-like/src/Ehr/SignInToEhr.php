<?php

// Sign-in to the EHR from the application, and the return to the page where it started.

declare(strict_types=1);

namespace App\Ehr;

use App\App;
use App\Web\ErrorPage;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\LaunchResultKind;

final class SignInToEhr
{
    /** The same time as fhir_ehr keeps a pending launch. */
    private const SECONDS = 600;

    public function __construct(
        private readonly App $app,
        private readonly string $source,
    ) {}

    /** Whether the user can fix this error by signing in. */
    public static function canFix(EhrException $thrown): bool
    {
        return $thrown->getRetry() === 'after_sign_in';
    }

    /** The message for an error. A missing sign-in is a warning, not an error with details. */
    public static function message(EhrException $thrown, ?EhrView $view = null): string
    {
        $message = in_array($thrown->getName(), ['grant_not_found', 'grant_expired', 'invalid_grant'], true)
            ? '<p class="notice warning" role="alert">You are not signed in to the EHR, or your sign-in has expired.</p>'
            : ErrorPage::details($thrown);
        // In the EHR view, the user can sign in only by a launch.
        return $message . ($view !== null && self::canFix($thrown) ? "<p>Open the application from the patient's chart again.</p>" : '');
    }

    /**
     * The sign-in button. The page that receives its form (POST with do=sign-in) must call begin().
     *
     * @param array<string, ?string> $fields hidden fields for that page
     */
    public function button(string $page, array $fields): string
    {
        return '<form method="post" action="' . h($page) . '" class="actions">' . $this->app->session()->csrfField()
            . Page::hidden($fields) . '<button name="do" value="sign-in" class="primary">Sign in to the EHR</button></form>';
    }

    /**
     * Sends the browser to the EHR. ehr.php sends it back to one of the application's own pages.
     *
     * @param array<string, ?string> $query
     */
    public function begin(string $page, array $query): never
    {
        $session = $this->app->session();
        $start = $this->app->ehr()->standaloneLaunch($this->source, $this->app->user(), $session->browser());
        $address = (string) $start->url;
        parse_str((string) parse_url($address, PHP_URL_QUERY), $sent);
        $sent = $start->formFields ?? $sent;
        /** @var array{state: string} $sent */
        $note = ['page' => $page, 'query' => $query];
        $this->app->tickets()->keep('sign-in', $session->browser(), $note, time() + self::SECONDS, hash('sha256', $sent['state']));
        if ($start->kind === LaunchResultKind::Form) {
            AuthorizeForm::show($this->app, $start);
        }
        if ($this->formTargets() !== []) {
            Http::send($address);
        }
        // A form may be redirected to another site only if the Content-Security-Policy of its page names it. A link may lead anywhere.
        $link = new Page($this->app, 'Sign in to the EHR');
        $link->begin();
        echo '<p><a class="button primary" href="', h($address), '">Continue to the EHR</a></p>';
        $link->end();
        exit;
    }

    /**
     * The origins that the button's form can be redirected to, for Page.
     *
     * @return list<string> empty if the authorization endpoint is not configured
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
