<?php

// "My projects": the start page of the full application.

declare(strict_types=1);

use App\App;
use App\Web\Http;
use App\Web\Page;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
$user = $app->user();
$mine = $app->projects()->ofUser($user);

$page = new Page($app, 'My projects', menu: 'index');
$page->begin();
if ($mine === []) {
    echo '<p>You are not a member of any project yet.</p>';
} else {
    echo '<table class="list"><caption class="hidden">My projects</caption><thead><tr><th scope="col">Project</th><th scope="col">Records</th>',
        '<th scope="col">Fetching data from the EHR</th></tr></thead><tbody>';
    foreach ($mine as $project) {
        echo '<tr><th scope="row"><a href="', h(Http::to('project.php', ['project' => $project->name])), '">', h($project->title), '</a></th><td>',
            count($app->records()->all($project)), '</td><td>', $project->module && $project->mrnField !== null ? 'on' : 'off', '</td></tr>';
    }
    echo '</tbody></table>';
}
$page->end();
