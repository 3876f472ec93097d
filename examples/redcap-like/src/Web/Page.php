<?php

// The layout of every page: HTTP headers, top bar, and the menu of the full application or the bar of the EHR view.

declare(strict_types=1);

namespace App\Web;

use App\App;
use App\Ehr\EhrView;
use App\Study\Project;

final class Page
{
    /** @param list<string> $formTargets other origins that a form of this page may be redirected to, to sign in to the EHR */
    public function __construct(
        private readonly App $app,
        private readonly string $title,
        private readonly ?EhrView $view = null,
        private readonly ?Project $project = null,
        private readonly string $menu = '',
        private readonly bool $framable = false,
        private readonly array $formTargets = [],
        private readonly int $status = 200,
    ) {}

    /** Sends the headers and prints everything before the page's own content. */
    public function begin(): void
    {
        ob_start();
        http_response_code($this->status);
        // An error page may be framed only if the request came from a frame.
        $inFrame = ($this->view !== null || $this->framable) && ($this->status < 400 || Http::isFramed());
        $ancestors = $inFrame ? $this->app->frameAncestors($this->view?->source) : [];
        $policy = ["default-src 'none'", "style-src 'self'", "script-src 'self'", "base-uri 'none'",
            implode(' ', ["form-action 'self'", ...$this->formTargets]),
            'frame-ancestors ' . ($ancestors === [] ? "'none'" : implode(' ', $ancestors))];
        header('Content-Security-Policy: ' . implode('; ', $policy));
        header('Content-Type: text/html; charset=utf-8');
        header('Cache-Control: no-store');
        header('Referrer-Policy: no-referrer');
        header('X-Content-Type-Options: nosniff');
        // The project in the title helps users with several tabs.
        $title = implode(' - ', array_filter([$this->title, $this->project?->title, 'Research']));
        echo '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1"><title>', h($title), '</title>',
            '<link rel="stylesheet" href="style.css"><script src="app.js" defer></script></head>';
        echo $this->view === null ? '<body>' : '<body class="ehr-view">';
        echo '<a class="skip" href="#content">Skip to the content</a>';
        $this->view === null ? $this->bar() : $this->viewBar($this->view);
        echo '<div class="columns">';
        if ($this->view === null && !($this->framable && Http::isFramed()) && $this->app->session()->user() !== null) {
            $this->menu();
        }
        echo '<main id="content" tabindex="-1">';
        if ($this->project !== null) {
            echo '<p class="project-title">', h($this->project->title), '</p>';
        }
        echo '<h1>', h($this->title), '</h1>';
    }

    /** Prints the rest and sends the page. */
    public function end(): void
    {
        echo '</main></div></body></html>';
        ob_end_flush();
    }

    private function bar(): void
    {
        $user = $this->app->session()->user();
        echo '<header class="bar"><span class="brand">Research</span>';
        if ($user !== null) {
            echo '<span>Signed in as <strong>', h($user), '</strong></span>',
                '<form method="post" action="login.php">', $this->app->session()->csrfField(),
                '<button name="do" value="sign-out" class="plain">Sign out</button></form>';
        }
        echo '</header>';
    }

    /** The EHR view has no menu. Its bar shows the user, the time left, and the button to leave. */
    private function viewBar(EhrView $view): void
    {
        $minutes = intdiv($view->secondsLeft() + 59, 60);
        echo '<header class="bar"><span class="brand">Research</span><span>EHR view, as <strong>', h($view->user), '</strong></span>',
            '<span role="timer" id="view-ends" data-seconds="', $view->secondsLeft(), '">Access ends in ', $minutes,
            $minutes === 1 ? ' minute' : ' minutes', ' (', date('H:i', $view->until), ')</span>',
            '<a href="', h(Http::to('view.php', ['view' => $view->id])), '">Projects</a>',
            '<form method="post" action="view.php">', $this->app->session()->csrfField(), self::hidden(['view' => $view->id]),
            '<button name="do" value="leave" class="plain">Leave EHR view</button></form></header>',
            '<p id="view-warning" class="notice" role="status" hidden></p>';
        if ($view->banner) {
            self::patientBanner($view);
        }
    }

    private static function patientBanner(EhrView $view): void
    {
        $shown = ['Name' => trim(($view->patient['name-family'] ?? '') . ', ' . ($view->patient['name-given'] ?? ''), ', '),
            'Born' => $view->patient['birthDate'] ?? '', 'Sex' => $view->patient['gender'] ?? '', 'MRN' => $view->mrn];
        echo '<section class="patient" aria-label="Patient in the EHR\'s chart"><dl>';
        foreach (array_filter($shown, static fn(string $text): bool => $text !== '') as $name => $text) {
            echo '<div><dt>', $name, '</dt><dd>', h($text), '</dd></div>';
        }
        echo '</dl></section>';
    }

    private function menu(): void
    {
        $entries = ['index' => ['My projects', Http::to('index.php')]];
        $user = (string) $this->app->session()->user();
        $rights = $this->app->rights();
        if ($this->project !== null) {
            $of = ['project' => $this->project->name];
            $entries['records'] = ['Records', Http::to('project.php', $of)];
            if ($rights->has($user, $this->project->name, 'map')) {
                $entries['mapping'] = ['Field mapping', Http::to('mapping.php', $of)];
            }
        }
        if ($rights->isAdministrator($user)) {
            $entries['admin'] = ['Connection to the EHR', Http::to('admin.php')];
        }
        echo '<nav aria-label="Application"><ul>';
        foreach ($entries as $name => [$label, $address]) {
            echo '<li><a href="', h($address), '"', $name === $this->menu ? ' aria-current="page"' : '', '>', h($label), '</a></li>';
        }
        echo '</ul></nav>';
    }

    /**
     * Hidden form fields. Null fields are left out.
     *
     * @param array<string, ?string> $fields
     */
    public static function hidden(array $fields): string
    {
        $inputs = '';
        foreach (array_filter($fields, static fn(?string $value): bool => $value !== null) as $name => $value) {
            $inputs .= '<input type="hidden" name="' . h($name) . '" value="' . h($value) . '">';
        }
        return $inputs;
    }

    /** A message that a screen reader reads immediately. */
    public static function alert(string $text): string
    {
        return '<p class="alert" role="alert">' . h($text) . '</p>';
    }

    public static function notice(string $text): string
    {
        return '<p class="notice" role="status">' . h($text) . '</p>';
    }
}
