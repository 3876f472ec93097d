<?php

// Errors as pages. Those of fhir_ehr hold no token, secret or patient and may be shown; others go to the log only.

declare(strict_types=1);

namespace App\Web;

use App\App;
use App\Ehr\EhrView;
use FhirEhr\Exception\AccessException;
use FhirEhr\Exception\Exception as EhrException;
use Throwable;

final class ErrorPage
{
    /** Who can mend it, in the words of a page. */
    public const OWNERS = ['you' => 'you, or the administrator of this application', 'ehr_team' => "the EHR's team",
        'network_team' => 'the network team', 'user' => 'the user'];
    private const TRIES = ['now' => 'now', 'later' => 'in some minutes'];

    public static function show(App $app, Throwable $thrown): void
    {
        if (PHP_SAPI === 'cli') {
            fwrite(STDERR, match (true) {
                $thrown instanceof EhrException => self::sentence($thrown),
                $thrown instanceof Denied => $thrown->getMessage(),
                default => (string) $thrown,
            } . "\n");
            exit(1);
        }
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
        if ($thrown instanceof Denied && $thrown->status === 401 && !Http::isPost() && Http::parameter('view') === '') {
            Http::redirect('login.php');
        }
        [$status, $title, $body] = self::words($thrown);
        try {
            $page = new Page($app, $title, self::viewOf($app), framable: true, status: $status);
            $page->begin();
            echo $body;
            $page->end();
        } catch (Throwable $again) {
            // Not even the page can be made: without database or configuration.
            error_log("while telling of an error: $again");
            while (ob_get_level() > 0) {
                ob_end_clean();
            }
            http_response_code($status);
            header('Content-Type: text/html; charset=utf-8');
            header('Cache-Control: no-store');
            header("Content-Security-Policy: default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'");
            echo '<!doctype html><html lang="en"><head><title>', h($title), '</title></head><body><h1>', h($title), "</h1>$body</body></html>";
        }
    }

    /** The EHR view in which it happened, so that the way back is there; null outside one, or when it is the view that ended. */
    private static function viewOf(App $app): ?EhrView
    {
        try {
            return $app->session()->user() === null ? null : $app->view();
        } catch (Throwable) {
            return null;
        }
    }

    /** @return array{int, string, string} status, title, and what stands below it as HTML */
    private static function words(Throwable $thrown): array
    {
        if ($thrown instanceof Denied) {
            $link = $thrown->status === 401 && Http::parameter('view') === '' ? '<p><a class="button" href="login.php">Sign in</a></p>' : '';
            return [$thrown->status, $thrown->title, Page::alert($thrown->getMessage()) . $link];
        }
        if ($thrown instanceof EhrException) {
            error_log('fhir_ehr: ' . $thrown->getName() . ': ' . $thrown->getMessage());
            $status = match (true) {
                $thrown instanceof AccessException => 403,
                $thrown->getOwner() === 'you', $thrown->getStage() === 'launch' => 400,
                default => 502,
            };
            return [$status, self::title($thrown), self::told($thrown)];
        }
        error_log((string) $thrown);
        return [500, 'Something went wrong', Page::alert('Something is wrong in the application; its log says what. Nothing was half saved.')];
    }

    /** What happened, what to do, and what a ticket to the EHR's team needs. */
    public static function told(EhrException $thrown): string
    {
        $facts = ['Who can mend it' => self::OWNERS[$thrown->getOwner()] ?? $thrown->getOwner(),
            'Try again' => self::TRIES[$thrown->getRetry()] ?? '', 'Error' => $thrown->getName(),
            "EHR's code" => $thrown->getVendorCode(), "EHR's correlation id" => $thrown->getCorrelationId()];
        $list = '';
        foreach (array_filter($facts) as $name => $text) {
            $list .= '<dt>' . h($name) . '</dt><dd>' . h($text) . '</dd>';
        }
        return Page::alert(self::sentence($thrown)) . "<dl class=\"facts\">$list</dl>";
    }

    /** What happened, and what to do. */
    public static function sentence(EhrException $thrown): string
    {
        $hint = $thrown->getHint();
        return $thrown->getMessage() . ($hint === null ? '' : ' ' . self::hint($hint));
    }

    /** The library's hints are halves of a sentence, for any end. */
    public static function hint(string $hint): string
    {
        return rtrim(ucfirst($hint), '.') . '.';
    }

    private static function title(EhrException $thrown): string
    {
        return match (true) {
            $thrown->getName() === 'authorization_denied' => 'Access was denied',
            $thrown->getStage() === 'launch' => 'The launch did not succeed',
            $thrown instanceof AccessException => 'No right',
            default => 'The EHR could not be used',
        };
    }
}
