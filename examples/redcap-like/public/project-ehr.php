<?php

// What a project may use of the EHR: its systems, and whether pulls may use their system accounts. For administrators only.

declare(strict_types=1);

use App\App;
use App\Web\Http;
use App\Web\Inputs;
use App\Web\Page;
use FhirEhr\Source;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
$user = $app->user();
$app->rights()->requireAdministrator($user);
$project = $app->projects()->named(Http::parameter('project'));

if (Http::isPost()) {
    $app->session()->checkCsrf();
    Http::requireCompleteForm();
    $sources = Http::parameter('which') === 'selected' ? array_values(Http::parameters('sources')) : null;
    $account = Http::parameter('system_account') === '1';
    $app->projects()->saveEhr($project->name, $sources, $account);
    $app->records()->note($user, $project, '', 'Set EHR systems to ' . ($sources === null ? 'all of its environment' : (string) count($sources))
        . ($account ? ', with system account' : ', without system account'));
    Http::redirect('admin.php', ['done' => 'systems']);
}

/** A radio button that chooses between all systems and the selected ones. */
$radio = static fn(string $value, string $label): string => '<p><label class="light"><input type="radio" name="which" value="' . $value . '"'
    . ($value === ($project->sources === null ? 'all' : 'selected') ? ' checked' : '') . "> $label</label></p>";
$all = $app->client()->sources();
$boxes = '';
foreach ($all as $one) {
    $label = "$one->name ($one->organization, {$one->environment->value})"
        . ($app->client()->sourceMayServe($one->id, $project->environment) ? '' : ': not for a production project');
    $boxes .= '<li>' . Inputs::checkbox('sources[]', $one->id, $label, in_array($one->id, $project->sources ?? [], true)) . '</li>';
}
// A system that was removed stays selected until the administrator clears its box.
foreach (array_diff($project->sources ?? [], array_map(static fn(Source $one): string => $one->id, $all)) as $id) {
    $boxes .= '<li>' . Inputs::checkbox('sources[]', $id, "$id: no longer connected", true) . '</li>';
}

$page = new Page($app, 'EHR systems of a project', project: $project, menu: 'admin');
$page->begin();
echo '<form method="post" action="project-ehr.php" class="settings">', $app->session()->csrfField(), Page::hidden(['project' => $project->name]),
    '<fieldset><legend>Systems that the project may use</legend>',
    $radio('all', 'every system that the environment of the project allows'), $radio('selected', 'only these systems:'),
    "<ul class=\"boxes\">$boxes</ul></fieldset>",
    '<fieldset><legend>System account</legend><p>',
    Inputs::checkbox('system_account', '1', 'Allow pulls with the system account of an EHR, for example at night', $project->systemAccount),
    '</p><p class="hint">A system account reads data without a user. Pages never use it: they ask the user to sign in to the EHR. Values that it '
    . 'pulled are marked.</p></fieldset>',
    '<p class="actions"><button class="primary">Save</button><a class="button" href="admin.php">Back</a></p>', Http::END_OF_FORM, '</form>';
$page->end();
