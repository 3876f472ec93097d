<?php

// Error pages. Errors of fhir_ehr contain no token, secret or patient data, so they are shown. Other errors go to the log only.

declare(strict_types=1);

namespace App\Web;

use App\App;
use App\Ehr\EhrView;
use FhirEhr\Exception\AccessException;
use FhirEhr\Exception\Exception as EhrException;
use Throwable;

final class ErrorPage
{
    /** Who can fix an error: getOwner() as text. */
    public const OWNERS = ['you' => 'you, or the administrator of this application', 'ehr_team' => 'your EHR team',
        'network_team' => 'your network team', 'user' => 'the user'];
    /** When to retry: getRetry() as text. */
    private const RETRY = ['now' => 'now', 'later' => 'in a few minutes'];

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
        [$status, $title, $body] = self::content($thrown);
        try {
            $page = new Page($app, $title, self::viewOf($app), framable: true, status: $status);
            $page->begin();
            echo $body;
            $page->end();
        } catch (Throwable $again) {
            // The page needs the database and the configuration. Without them, it is plain HTML.
            error_log("error while showing an error page: $again");
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

    /** The EHR view of the request, so that the error page has its navigation; null outside a view, or if the view has ended. */
    private static function viewOf(App $app): ?EhrView
    {
        try {
            return $app->session()->user() === null ? null : $app->view();
        } catch (Throwable) {
            return null;
        }
    }

    /** @return array{int, string, string} status, title, and body as HTML */
    private static function content(Throwable $thrown): array
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
            return [$status, self::title($thrown), self::details($thrown)];
        }
        error_log((string) $thrown);
        return [500, 'Something went wrong', Page::alert('The application had an internal error. Your last change was not saved. The administrator can find the cause in the log.')];
    }

    /** The message, and the facts that a ticket to the EHR team needs. */
    public static function details(EhrException $thrown): string
    {
        $facts = ['Who can fix it' => self::OWNERS[$thrown->getOwner()] ?? $thrown->getOwner(),
            'Retry' => self::RETRY[$thrown->getRetry()] ?? '', 'Error' => $thrown->getName(),
            'Cause' => $thrown->getCause(), 'EHR error code' => $thrown->getVendorCode(), 'EHR correlation ID' => $thrown->getCorrelationId()];
        $list = '';
        foreach (array_filter($facts) as $name => $text) {
            $list .= '<dt>' . h($name) . '</dt><dd>' . h($text) . '</dd>';
        }
        $ticket = $thrown->getTicket();
        $text = $ticket === null ? '' : '<details><summary>Text for a ticket to your EHR team</summary><pre>' . h($ticket) . '</pre></details>';
        return Page::alert(self::sentence($thrown)) . "<dl class=\"facts\">$list</dl>$text";
    }

    /** The message and the hint. */
    public static function sentence(EhrException $thrown): string
    {
        $hint = $thrown->getHint();
        return $thrown->getMessage() . ($hint === null ? '' : ' ' . self::hint($hint));
    }

    /** Makes a sentence of a hint: the library's hints start in lower case and have no period. */
    public static function hint(string $hint): string
    {
        return rtrim(ucfirst($hint), '.') . '.';
    }

    private static function title(EhrException $thrown): string
    {
        return match (true) {
            $thrown->getName() === 'authorization_denied' => 'Access was denied',
            $thrown->getStage() === 'launch' => 'The launch failed',
            $thrown instanceof AccessException => 'No permission',
            default => 'The EHR request failed',
        };
    }
}
