<?php

// One EHR system on the administrator's page, as HTML: form, connection test, values for the registration, removal.

declare(strict_types=1);

namespace App\Ehr;

use App\App;
use App\Web\ErrorPage;
use App\Web\Inputs;
use App\Web\Page;
use FhirEhr\CheckStep;

/** @phpstan-import-type Document from Configuration */
final class SourcePage
{
    /**
     * @param Document $stored the configuration
     * @param array<string, string> $typed entered secrets that are not saved yet, by account
     */
    public function __construct(
        private readonly App $app,
        private readonly SourceForm $form,
        private readonly array $stored,
        #[\SensitiveParameter] private readonly array $typed,
        /** The ticket of the entered secrets, for the next post of the form. */
        private readonly ?string $typedName,
    ) {}

    public function form(): string
    {
        $hidden = $this->app->session()->csrfField() . Page::hidden(['source' => $this->form->id, 'typed' => $this->typedName]);
        return '<form method="post" action="admin.php" class="settings" autocomplete="off">' . $hidden
            // The Enter key presses the first button of a form, which must not be Auto-Find.
            . '<button name="do" value="save" class="hidden" tabindex="-1" aria-hidden="true">Save</button>'
            . $this->server() . $this->account('user', "This application's registration at the EHR") . $this->patients()
            . $this->account('system', 'System account (optional)')
            . '<p class="actions sticky"><button name="do" value="save" class="primary">Save system</button>'
            . '<a class="button" href="admin.php">All systems</a></p></form>';
    }

    private function server(): string
    {
        $form = $this->form;
        return '<fieldset><legend>The EHR</legend>'
            . Inputs::text('name', 'Custom name for the EHR system', $form->text('name'), attributes: ['required' => true])
            . Inputs::text('organization', 'Organization (optional)', $form->text('organization'),
                'The hospital that the system belongs to, if this application is connected to several. The launch URL then ends with it, '
                . 'and a launch from another hospital is refused there.', ['spellcheck' => 'false'])
            . Inputs::choice('environment', 'Environment', SourceForm::ENVIRONMENTS, $form->text('environment'),
                'Data from a sandbox or test system is refused for production projects.')
            . Inputs::text('iss', 'FHIR Base URL', $form->text('iss'), 'Exactly as the EHR sends it in the "iss" parameter of a launch.',
                ['required' => true, 'inputmode' => 'url', 'spellcheck' => 'false'])
            . '<p><button name="do" value="find" formnovalidate>Auto-Find</button> '
            . '<span class="hint">fills in the next three fields from the server at this URL</span></p>'
            . Inputs::text('authorization_endpoint', 'FHIR Authorize URL', $form->text('authorization_endpoint'), '',
                ['inputmode' => 'url', 'spellcheck' => 'false'])
            . Inputs::text('token_endpoint', 'FHIR Token URL', $form->text('token_endpoint'),
                'If both URLs are saved, a launch never asks the FHIR server for them. This is faster and safer.',
                ['inputmode' => 'url', 'spellcheck' => 'false'])
            . Inputs::choice('fhir_version', 'FHIR version', SourceForm::VERSIONS, $form->text('fhir_version'))
            . Inputs::text('time_zone', 'Time zone of the site', $form->text('time_zone'),
                'Such as America/New_York. Times from the EHR are converted to this time zone before they are shown and compared.', ['spellcheck' => 'false'])
            . Inputs::choice('vendor', 'EHR vendor', SourceForm::VENDORS, $form->text('vendor'))
            . '</fieldset>';
    }

    private function account(string $account, string $legend): string
    {
        $prefix = SourceForm::ACCOUNTS[$account][1];
        $user = $account === 'user';
        return "<fieldset><legend>$legend</legend>"
            . ($user ? '' : '<p class="hint">For pulls without a user, for example at night. Leave it empty if you have no system account.</p>')
            . Inputs::text($prefix . 'client_id', $user ? 'Client ID' : "System account's Client ID",
                $this->form->text($prefix . 'client_id'), '', ['required' => $user, 'autocomplete' => 'off', 'spellcheck' => 'false'])
            . Inputs::choice($prefix . 'authentication', $user ? 'Authentication' : "System account's authentication", SourceForm::AUTHENTICATION,
                $this->form->text($prefix . 'authentication'), 'For a key, add one at "Signing keys" first.')
            . $this->secret($account, $prefix, $user ? 'Client Secret' : "System account's Client Secret") . '</fieldset>';
    }

    /** The input for a secret. A stored secret is never sent to the browser. */
    private function secret(string $account, string $prefix, string $label): string
    {
        $stored = $this->form->hasSecret($this->stored, $account);
        $removed = ($this->typed[$account] ?? null) === '';
        $hint = match (true) {
            $removed => 'The secret will be removed when you save.',
            isset($this->typed[$account]) => 'The secret that you entered will be stored when you save. Leave this field empty to keep it.',
            $stored => 'A secret is stored. It is not shown. Leave this field empty to keep it.',
            $account === 'user' => 'No secret is stored. Without a secret, the application is a public client.',
            default => 'No secret is stored.',
        };
        $input = Inputs::text($prefix . 'client_secret', $label, '', $hint, ['type' => 'password', 'autocomplete' => 'new-password']);
        if (!$stored && !isset($this->typed[$account])) {
            return $input;
        }
        $remove = $account === 'user' ? 'Remove the secret (public client)' : 'Remove the secret';
        return "$input<p>" . Inputs::checkbox($prefix . 'client_secret_remove', '1', $remove, $removed) . '</p>';
    }

    private function patients(): string
    {
        $chosen = $this->form->list('resources');
        $boxes = '';
        // Types that were added to the configuration elsewhere are kept and can be removed here.
        foreach (SourceForm::RESOURCES + array_fill_keys($chosen, '') as $type => $what) {
            $name = $type === 'MedicationRequest' ? 'MedicationRequest (DSTU2: MedicationOrder)' : $type;
            $label = $what === '' ? $name : "$name: $what";
            $boxes .= '<li>' . Inputs::checkbox('resources[]', $type, $label, in_array($type, $chosen, true)) . '</li>';
        }
        return '<fieldset><legend>Patients and data</legend>'
            . Inputs::lines('mrn_systems', "EHR's patient identifier string for medical record numbers", $this->form->list('mrn_systems'),
                'The identifier system of the MRN, such as urn:oid:2.16.840.1.113883.6.1000. One per line, the preferred one first. '
                . 'If this is empty, identifiers of type MR are used.')
            . "<fieldset class=\"inner\"><legend>Resource types</legend><ul class=\"boxes\">$boxes</ul>"
            . "<p class=\"hint\">If none are selected, the vendor's preset is used. For R4, that is Patient, Encounter and Observation only. "
            . 'If any are selected, Patient is always included.</p></fieldset>'
            . Inputs::lines('frame_ancestors', 'EHR origins that may show this application in a frame', $this->form->list('frame_ancestors'),
                'One origin per line, such as https://ehr.example.org. If this is empty, an EHR cannot show the application inside '
                . 'its own window.')
            . '</fieldset>';
    }

    /** @param list<CheckStep>|null $steps the results of a test; null if none was run */
    public function test(?array $steps): string
    {
        return '<section id="test"><h2>Test</h2><form method="post" action="admin.php#test">' . $this->app->session()->csrfField()
            . Page::hidden(['source' => $this->form->id]) . '<p>Tests the saved system step by step. No patient data is read.</p>'
            . '<button name="do" value="test">Test the connection</button></form>'
            . ($steps === null ? '' : self::steps($steps)) . '</section>';
    }

    /** @param list<CheckStep> $steps */
    private static function steps(array $steps): string
    {
        $names = ['metadata' => 'FHIR server', 'endpoints' => 'Sign-in addresses', 'client' => 'Client ID and secret',
            'system_account' => 'System account', 'redirect_uris' => 'Launch addresses', 'resources' => 'Resource types',
            'capabilities' => 'Capabilities', 'scopes' => 'Scopes', 'secrets' => 'Secrets', 'keys' => 'Signing keys', 'vault' => 'Vault keys', 'ca_file' => 'CA file', 'store' => 'Store', 'not_checked' => 'Not checked'];
        $statuses = ['ok' => 'OK', 'failed' => 'Failed', 'warning' => 'Warning', 'unknown' => 'Not determined', 'skipped' => 'Skipped'];
        $failed = count(array_filter($steps, static fn(CheckStep $step): bool => $step->status === 'failed'));
        $rows = '';
        foreach ($steps as $step) {
            $rows .= '<tr><th scope="row">' . h($names[$step->name] ?? $step->name) . '</th><td><span class="badge ' . h($step->status) . '">'
                . h($statuses[$step->status] ?? $step->status) . '</span></td><td>' . h($step->text) . '</td><td>' . h(self::todo($step)) . '</td></tr>';
        }
        return ($failed === 0 ? Page::notice('No step failed.') : Page::alert($failed === 1 ? '1 step failed.' : "$failed steps failed."))
            . Inputs::table('steps', 'Steps of the test', ['Step', 'Result', 'What happened', 'What to do'], $rows);
    }

    private static function todo(CheckStep $step): string
    {
        return implode(' ', array_filter([
            $step->hint === null ? null : ErrorPage::hint($step->hint),
            $step->owner === null ? null : 'Who can fix it: ' . (ErrorPage::OWNERS[$step->owner] ?? $step->owner) . '.',
            $step->error === null ? null : "($step->error)",
        ]));
    }

    /** The URLs for the registration of a new system. They are shown before it is saved, because the vendor's console needs them first. */
    public function addresses(): string
    {
        $settings = $this->app->settings();
        return Inputs::toCopy('copy-launch_url', 'Launch URL', $settings->launchAddress())
            . Inputs::toCopy('copy-redirect_uris', 'Redirect URIs', $settings->launchAddress())
            . Inputs::toCopy('copy-jwks_url', 'JWKS URL', $settings->jwksAddress())
            . '<p class="hint">The JWKS URL is needed only for authentication with a key.</p>';
    }

    /** What to copy into the vendor's console for a saved system, in the words of the vendor. */
    public function sheet(string $id): string
    {
        $settings = $this->app->settings();
        $usesKeys = in_array('private_key_jwt', [$this->form->text('authentication'), $this->form->text('system_authentication')], true);
        $sheet = $this->app->client()->registrationSheet($id, $settings->launchAddress($this->form->text('organization')), $usesKeys ? $settings->jwksAddress() : null);
        $html = '';
        foreach ($sheet['entries'] as $entry) {
            $between = str_starts_with($entry['name'], 'scopes_') ? ' ' : "\n";
            $html .= Inputs::toCopy("copy-$entry[name]", $entry['label'], implode($between, $entry['values']));
        }
        $notes = implode('', array_map(static fn(string $note): string => '<li>' . h($note) . '</li>', $sheet['notes']));
        $warnings = implode('', array_map(static fn(string $warning): string => '<p class="notice warning">' . h($warning) . '</p>', $sheet['warnings']));
        return $html . ($notes === '' ? '' : "<ul>$notes</ul>") . $warnings;
    }

    public function removal(): string
    {
        return '<section><h2>Remove this system</h2><form method="post" action="admin.php" class="panel">'
            . $this->app->session()->csrfField() . Page::hidden(['source' => $this->form->id])
            . '<p>Users can then no longer sign in to this system or fetch data from it. Its client ID and secrets are deleted. Saved records are kept.</p>'
            . '<p><label class="light"><input type="checkbox" name="sure" value="1" required> Yes, remove <strong>'
            . h($this->form->text('name')) . '</strong></label></p>'
            . '<p><button name="do" value="remove" class="danger">Remove</button></p></form></section>';
    }
}
