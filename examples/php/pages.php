<?php

// The application's pages: plain forms; everything that came from outside goes through h().

declare(strict_types=1);

use FhirEhr\{Pulled, StagedRow};

/** Text for HTML. Nothing from the EHR or a browser is printed without it. */
function h(?string $text): string
{
    return htmlspecialchars($text ?? '', ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

/** Prints a page; the title is a text, the body is HTML. */
function page(string $title, string $body, int $status = 200): void
{
    http_response_code($status);
    header('Content-Type: text/html; charset=utf-8');
    $title = h($title);
    echo <<<HTML
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>$title</title></head>
        <body><h1>$title</h1>
        $body
        </body></html>

        HTML;
}

/** A sentence, and the end of the request. */
function end_with(int $status, string $title, string $text): never
{
    page($title, '<p>' . h($text) . '</p>', $status);
    exit;
}

/** The hidden field without which no POST is taken. */
function csrf_field(): string
{
    return '<input type="hidden" name="csrf" value="' . h(csrf_token()) . '">';
}

/** The application's own login. */
function login_page(?string $ehrUser, ?string $complaint = null): void
{
    $complaint = $complaint === null ? '' : '<p role="alert">' . h($complaint) . '</p>';
    $who = $ehrUser === null ? '' : '<p>You are <b>' . h($ehrUser) . '</b> in the EHR. Who are you here?</p>';
    $csrf = csrf_field();
    page('Sign in to the study', <<<HTML
        $complaint $who
        <form method="post" action="/ehr.php">$csrf
        <label>User <input name="user" required autocomplete="username"></label>
        <label>Password <input name="password" type="password" autocomplete="current-password"></label>
        <button>Sign in</button></form>
        HTML);
}

/** @param list<StagedRow> $rows with a box for each; those that the rules mark are ticked */
function decision_page(array $visit, array $rows, Pulled $pulled): void
{
    $body = '';
    foreach ($pulled->report['resources'] as $type => $told) {
        if (!in_array($told['status'], ['complete', 'skipped'], true)) {
            $why = h($told['reason'] ?? 'the reason is not known');
            $body .= '<p class="incomplete">' . h($type) . " did not come whole: $why</p>\n";
        }
    }
    $body .= '<form method="post" action="/record.php">' . csrf_field() . "<table>\n"
        . "<tr><th>Save</th><th>Field</th><th>Value</th><th>Time</th><th>What it is</th></tr>\n";
    foreach ($rows as $row) {
        $ticked = $row->preselected ? ' checked' : '';
        $body .= '<tr><td><input type="checkbox" name="accept[]" value="' . h($row->key) . "\"$ticked></td>"
            . cells($row) . '<td>' . h($row->display) . "</td></tr>\n";
    }
    // PHP cuts a form off after max_input_vars fields, silently: the last one tells that all came.
    $body .= '</table><input type="hidden" name="all" value="1"><button>Save the ticked values</button></form>';
    page("Record {$visit['record']}: decide", $body);
}

/** @param list<StagedRow> $rows as they were before the decision: what was saved is erased from the staging */
function saved_page(array $visit, array $rows, array $accepted, int $saved): void
{
    $body = "<p id=\"saved\">$saved values saved.</p>\n<table>"
        . "<tr><th>Field</th><th>Value</th><th>Time</th><th>Decision</th></tr>\n";
    foreach ($rows as $row) {
        $decision = in_array($row->key, $accepted, true) ? 'accepted' : 'left';
        $body .= '<tr>' . cells($row) . "<td>$decision</td></tr>\n";
    }
    page("Record {$visit['record']}: saved", $body . '</table>');
}

function cells(StagedRow $row): string
{
    return '<td>' . h($row->fieldName) . '</td><td>' . h($row->value) . '</td><td>' . h($row->timestamp) . '</td>';
}
