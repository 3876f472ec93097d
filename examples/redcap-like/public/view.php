<?php

// The start page of the EHR view: the projects for the patient of the chart, other applications, and leaving the view.

declare(strict_types=1);

use App\App;
use App\Study\Project;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Page;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
$session = $app->session();
$view = $app->view() ?? Http::redirect('index.php');

if (Http::isPost() && Http::parameter('do') === 'leave') {
    $session->checkCsrf();
    $app->views()->end($session, $view);
    if (!Http::isFramed()) {
        Http::redirect('index.php');
    }
    // A frame in the EHR may show only the EHR view, not the full application.
    $page = new Page($app, 'You have left the EHR view', framable: true);
    $page->begin();
    echo "<p>To return, open the application from the patient's chart again.</p>",
        '<p><a class="button" href="index.php" target="_blank" rel="noopener">Open the full application in a new window</a></p>';
    $page->end();
    exit;
}

$user = $app->user();
$handoffs = $app->settings()->handoffs;
if (Http::isPost() && Http::parameter('do') === 'hand-off') {
    $session->checkCsrf();
    $handoff = $handoffs[(int) Http::parameter('application')] ?? throw new Denied(404, 'Unknown application', 'This application is not in the settings file.');
    $address = $app->ehr()->handOff($view->user, $view->launch, $handoff['url']);
    if (!Http::isFramed()) {
        Http::send($address);
    }
    // The other application may not allow the EHR's frame, and a form cannot open a window: browsers do not send the frame's
    // partitioned cookie there.
    $page = new Page($app, $handoff['title'], view: $view);
    $page->begin();
    echo '<p><a class="button" href="', h($address), '" target="_blank" rel="noopener noreferrer">Open ', h($handoff['title']), ' in a new window</a></p>',
        '<p>The link works once, and only for a short time.</p>';
    $page->end();
    exit;
}
/** Why the project cannot be used for the patient of the chart; null if it can. */
$obstacle = static fn(Project $project): ?string
    => $project->obstacle($app->rights(), $user) ?? $app->ehr()->obstacle($view->source, $project);
if (Http::isPost()) {
    $session->checkCsrf();
    $project = $app->projects()->ofMember($user, Http::parameter('project'));
    $why = $obstacle($project);
    if ($why !== null) {
        throw new Denied(403, 'This project cannot be used', $why);
    }
    [$record] = $app->records()->add($project, $view->source, $view->mrn, $user);
    Http::redirect('record.php', ['project' => $project->name, 'record' => $record, 'view' => $view->id]);
}

/** One row of the list. */
$row = static function (Project $project) use ($app, $view, $session, $obstacle): string {
    $why = $obstacle($project);
    if ($why !== null) {
        return '<tr class="closed"><th scope="row">' . h($project->title) . '</th><td>' . h($why) . '</td></tr>';
    }
    $record = $app->records()->of($project, $view->source, $view->mrn);
    $fields = $session->csrfField() . Page::hidden(['view' => $view->id, 'project' => $project->name]);
    [$state, $button] = $record === null
        ? ['The patient is not in this project.', 'Add Patient to Project']
        : ['Record ' . h($record), 'Open record'];
    return '<tr><th scope="row">' . h($project->title) . "</th><td><form method=\"post\" action=\"view.php\" class=\"split\">$fields<span>$state</span>"
        . "<button class=\"primary\">$button<span class=\"hidden\">: " . h($project->title) . '</span></button></form></td></tr>';
};

/** The origin of a URL: the form that hands the launch off is answered with a redirect to it. */
$origin = static fn(string $url): string => (string) preg_replace('~^(https?://[^/?#]+).*$~', '$1', $url);
$page = new Page($app, 'Choose a project for this patient', view: $view, formTargets: array_map($origin, array_column($handoffs, 'url')));
$page->begin();
echo '<table class="list"><caption>Projects</caption><thead><tr><th scope="col">Project</th><th scope="col">This patient</th></tr></thead>',
    '<tbody>', implode('', array_map($row, $app->projects()->ofUser($user))), '</tbody></table>';
if ($handoffs !== []) {
    echo '<h2>Other applications</h2>';
}
foreach ($handoffs as $number => $handoff) {
    echo '<form method="post" action="view.php">', $session->csrfField(),
        Page::hidden(['view' => $view->id, 'application' => (string) $number]),
        '<button name="do" value="hand-off">Open the patient in ', h($handoff['title']), '</button></form>';
}
$page->end();
