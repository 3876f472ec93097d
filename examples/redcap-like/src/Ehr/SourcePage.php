<?php

// One system on the administrator's page, as HTML: its form, its test, what to copy into its registration, its removal.

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
     * @param array<string, string> $typed typed secrets that the form has not stored yet, by account
     */
    public function __construct(
        private readonly App $app,
        private readonly SourceForm $form,
        private readonly array $stored,
        #[\SensitiveParameter] private readonly array $typed,
        /** Names the typed secrets for the form's next sending. */
        private readonly ?string $typedName,
    ) {}

    public function form(): string
    {
        $hidden = $this->app->session()->csrfField() . Page::hidden(['source' => $this->form->id, 'typed' => $this->typedName]);
        return '<form method="post" action="admin.php" class="settings" autocomplete="off">' . $hidden
            // Enter in a field presses a form's first button: that shall not be Auto-Find.
            . '<button name="do" value="save" class="hidden" tabindex="-1" aria-hidden="true">Save</button>'
            . $this->server() . $this->account('user', "This application's registration at the EHR") . $this->patients()
            . $this->account('system', 'System account (optional)')
            . '<p class="actions sticky"><button name="do" value="save" class="primary">Save this system</button>'
            . '<a class="button" href="admin.php">All systems</a></p></form>';
    }

    private function server(): string
    {
        $form = $this->form;
        return '<fieldset><legend>The EHR</legend>'
            . Inputs::text('name', 'Custom name for the EHR system', $form->text('name'), attributes: ['required' => true])
            . Inputs::choice('environment', 'Environment', SourceForm::ENVIRONMENTS, $form->text('environment'),
                'Data of a sandbox or test system never enter a production project.')
            . Inputs::text('iss', 'FHIR Base URL', $form->text('iss'), 'As the EHR sends it in "iss" when it launches the application.',
                ['required' => true, 'inputmode' => 'url', 'spellcheck' => 'false'])
            . '<p><button name="do" value="find" formnovalidate>Auto-Find</button> '
            . '<span class="hint">asks this address for the three fields below</span></p>'
            . Inputs::text('authorization_endpoint', 'FHIR Authorize URL', $form->text('authorization_endpoint'), '',
                ['inputmode' => 'url', 'spellcheck' => 'false'])
            . Inputs::text('token_endpoint', 'FHIR Token URL', $form->text('token_endpoint'),
                'With both addresses stored, no launch has to ask for them, and nobody can lead it elsewhere.',
                ['inputmode' => 'url', 'spellcheck' => 'false'])
            . Inputs::choice('fhir_version', 'FHIR version', SourceForm::VERSIONS, $form->text('fhir_version'))
            . Inputs::text('time_zone', 'Time zone of the site', $form->text('time_zone'),
                'Such as America/New_York. Times of the EHR are then shown and compared by the clock of the site.', ['spellcheck' => 'false'])
            . Inputs::choice('vendor', "Vendor's peculiarities", SourceForm::VENDORS, $form->text('vendor'))
            . '</fieldset>';
    }

    private function account(string $account, string $legend): string
    {
        $prefix = SourceForm::ACCOUNTS[$account][1];
        $user = $account === 'user';
        return "<fieldset><legend>$legend</legend>"
            . ($user ? '' : '<p class="hint">Pulls without a user, for example at night. Leave it empty if the EHR gave you none.</p>')
            . Inputs::text($prefix . 'client_id', $user ? 'Client ID' : "System account's Client ID",
                $this->form->text($prefix . 'client_id'), '', ['required' => $user, 'autocomplete' => 'off', 'spellcheck' => 'false'])
            . $this->secret($account, $prefix, $user ? 'Client Secret' : "System account's Client Secret") . '</fieldset>';
    }

    /** Says whether there is a secret; it never leaves the server again. */
    private function secret(string $account, string $prefix, string $label): string
    {
        $stored = $this->form->hasSecret($this->stored, $account);
        $removed = ($this->typed[$account] ?? null) === '';
        $said = match (true) {
            $removed => 'It will be removed when you save.',
            isset($this->typed[$account]) => 'The secret you typed is kept until you save; empty here means that it stays.',
            $stored => 'A secret is stored; it is not shown. Empty here means that it stays.',
            $account === 'user' => 'No secret is stored. Without one, this is a public client.',
            default => 'No secret is stored.',
        };
        $input = Inputs::text($prefix . 'client_secret', $label, '', $said, ['type' => 'password', 'autocomplete' => 'new-password']);
        if (!$stored && !isset($this->typed[$account])) {
            return $input;
        }
        $remove = $account === 'user' ? 'Remove the secret: this is a public client' : 'Remove the secret';
        return "$input<p>" . Inputs::checkbox($prefix . 'client_secret_remove', '1', $remove, $removed) . '</p>';
    }

    private function patients(): string
    {
        $chosen = $this->form->list('resources');
        $boxes = '';
        // Types that somebody has written into the configuration by other ways stay, and can be taken away.
        foreach (SourceForm::RESOURCES + array_fill_keys($chosen, '') as $type => $what) {
            $name = $type === 'MedicationRequest' ? 'MedicationRequest (DSTU2: MedicationOrder)' : $type;
            $label = $what === '' ? $name : "$name: $what";
            $boxes .= '<li>' . Inputs::checkbox('resources[]', $type, $label, in_array($type, $chosen, true)) . '</li>';
        }
        return '<fieldset><legend>Patients and data</legend>'
            . Inputs::lines('mrn_systems', "EHR's patient identifier string for medical record numbers", $this->form->list('mrn_systems'),
                'The identifier system of record numbers, such as urn:oid:2.16.840.1.113883.6.1000. One a line, the best first. '
                . 'Empty: identifiers of type MR count.')
            . "<fieldset class=\"inner\"><legend>Resource types to ask for</legend><ul class=\"boxes\">$boxes</ul>"
            . "<p class=\"hint\">None ticked: what the vendor's preset asks for; with R4 that is Patient, Encounter and Observation only. "
            . 'With any ticked, Patient is asked for too.</p></fieldset>'
            . Inputs::lines('frame_ancestors', 'Pages of the EHR that may show this application in a frame', $this->form->list('frame_ancestors'),
                'One origin a line, such as https://ehr.example.org. Without any, an EHR that opens the application in its own window '
                . 'shows nothing.')
            . '</fieldset>';
    }

    /** @param list<CheckStep>|null $steps of a test that was just made */
    public function test(?array $steps): string
    {
        return '<section id="test"><h2>Test</h2><form method="post" action="admin.php#test">' . $this->app->session()->csrfField()
            . Page::hidden(['source' => $this->form->id]) . '<p>Tries what is saved, step by step. No patient is read.</p>'
            . '<button name="do" value="test">Test the connection</button></form>'
            . ($steps === null ? '' : self::steps($steps)) . '</section>';
    }

    /** @param list<CheckStep> $steps */
    private static function steps(array $steps): string
    {
        $names = ['metadata' => 'FHIR server', 'endpoints' => 'Sign-in addresses', 'client' => 'Client ID and secret',
            'system_account' => 'System account', 'redirect_uris' => 'Launch addresses', 'resources' => 'Resource types',
            'secrets' => 'Secrets', 'vault' => 'Vault keys', 'ca_file' => 'CA file', 'store' => 'Store', 'not_checked' => 'Not checked'];
        $words = ['ok' => 'OK', 'failed' => 'Failed', 'warning' => 'Warning', 'unknown' => 'Not determined', 'skipped' => 'Skipped'];
        $failed = count(array_filter($steps, static fn(CheckStep $step): bool => $step->status === 'failed'));
        $rows = '';
        foreach ($steps as $step) {
            $rows .= '<tr><th scope="row">' . h($names[$step->name] ?? $step->name) . '</th><td><span class="badge ' . h($step->status) . '">'
                . h($words[$step->status] ?? $step->status) . '</span></td><td>' . h($step->text) . '</td><td>' . h(self::todo($step)) . '</td></tr>';
        }
        return ($failed === 0 ? Page::notice('No step failed.') : Page::alert($failed === 1 ? 'One step failed.' : "$failed steps failed."))
            . Inputs::table('steps', 'Steps of the test', ['Step', 'Result', 'What happened', 'What to do'], $rows);
    }

    private static function todo(CheckStep $step): string
    {
        return implode(' ', array_filter([
            $step->hint === null ? null : ErrorPage::hint($step->hint),
            $step->owner === null ? null : 'Who can mend it: ' . (ErrorPage::OWNERS[$step->owner] ?? $step->owner) . '.',
            $step->error === null ? null : "($step->error)",
        ]));
    }

    /** A new system's client ID comes only after the vendor's console has these, so they are shown before it is saved. */
    public function addresses(): string
    {
        $settings = $this->app->settings();
        return Inputs::toCopy('copy-launch', 'Launch address', $settings->launchAddress())
            . Inputs::toCopy('copy-redirect', 'Redirect address', $settings->launchAddress())
            . Inputs::toCopy('copy-jwks', 'JWKS address', $settings->address . '/jwks.php')
            . '<p class="hint">Where the console asks for a JWKS address, the field may be left empty: this application proves who it is '
            . 'with its client secret, so the key set at this address is empty.</p>';
    }

    /** @param array{launch: list<string>, standalone: list<string>, system: list<string>} $scopes */
    public function scopes(array $scopes): string
    {
        $labels = ['launch' => 'Scopes of a launch from the EHR', 'standalone' => 'Scopes of a sign-in from this application',
            'system' => 'Scopes of the system account'];
        if ($this->form->text('system_client_id') === '') {
            unset($labels['system']);
        }
        $html = '';
        foreach ($labels as $name => $label) {
            $html .= Inputs::toCopy("copy-$name-scopes", $label, implode(' ', $scopes[$name]));
        }
        return $html;
    }

    public function removal(): string
    {
        return '<section><h2>Remove this system</h2><form method="post" action="admin.php" class="panel">'
            . $this->app->session()->csrfField() . Page::hidden(['source' => $this->form->id])
            . '<p>Nobody can be signed in or pull from it afterwards; its client ID and secrets are deleted. Saved records stay.</p>'
            . '<p><label class="light"><input type="checkbox" name="sure" value="1" required> Yes, remove <strong>'
            . h($this->form->text('name')) . '</strong></label></p>'
            . '<p><button name="do" value="remove" class="danger">Remove</button></p></form></section>';
    }
}
