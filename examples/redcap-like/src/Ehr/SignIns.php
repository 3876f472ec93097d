<?php

// Who is signed in to which EHR system, and which EHR user is which user of the application: two tables of the administrator's page, and
// what its buttons do. The library lists both without a token and without an id of a patient.

declare(strict_types=1);

namespace App\Ehr;

use App\App;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Inputs;
use App\Web\Page;
use FhirEhr\GrantEntry;
use FhirEhr\SignedOutGrant;
use FhirEhr\UserLink;

final class SignIns
{
    public const NOTICES = [
        'signed-out' => 'The user was signed out of the EHR system.',
        'not-revoked' => 'The application deleted the sign-in, but the EHR did not confirm that it ended there, too. If it must end now, ask your EHR team.',
        'unlinked' => 'The EHR user was unlinked. The next launch of this EHR user asks for the login of the application.',
    ];
    private const PAGE_SIZE = 100;

    /** @param array<string, string> $names the names of the systems by their ids */
    public function __construct(
        private readonly App $app,
        private readonly string $administrator,
        private readonly array $names,
    ) {}

    /** The table of sign-ins, from the record after $after. */
    public function grants(string $after): string
    {
        $page = $this->app->client()->grants($this->administrator, $after === '' ? null : $after, self::PAGE_SIZE);
        $rows = implode('', array_map($this->grantRow(...), $page->grants));
        $columns = ['User', 'System', 'State', 'Signed in', 'Last refresh', 'Ends', 'What to do', 'Action'];
        $unreadable = count($page->unreadable);
        return ($rows === '' ? '<p>No user is signed in to an EHR system.</p>' : Inputs::table('grants', 'Sign-ins to the EHR', $columns, $rows, captionHidden: true))
            . ($unreadable === 0 ? '' : Page::alert("$unreadable stored sign-ins cannot be decrypted. Check that the configuration has all vault keys."))
            . ($page->next === null ? '' : '<p><a href="' . h(Http::to('admin.php', ['after' => $page->next])) . '#sign-ins">More sign-ins</a></p>');
    }

    /** The table of linked EHR users. */
    public function links(): string
    {
        $rows = implode('', array_map($this->linkRow(...), $this->app->client()->links($this->administrator)));
        $columns = ['EHR user', 'System', 'User of the application', 'Linked', 'Action'];
        return $rows === '' ? '<p>No EHR user is linked yet. The first launch of an EHR user asks for the login of the application.</p>'
            : Inputs::table('links', 'EHR users', $columns, $rows, captionHidden: true);
    }

    /** Signs a user, or the system account if $user is empty, out of a system. Returns the name of a notice. */
    public function signOut(string $user, string $source): string
    {
        $client = $this->app->client();
        $ended = $user === '' ? $client->signOutSystemAccount($this->administrator, $source)
            : $client->signOutUser($this->administrator, $user, $source);
        $this->app->configuration()->note($this->administrator, 'Sign out ' . ($user === '' ? 'the system account' : $user) . " at $source");
        return array_filter($ended, self::mayGoOn(...)) === [] ? 'signed-out' : 'not-revoked';
    }

    /** Whether the sign-in may go on at the EHR. An access token that the EHR does not revoke ends by itself, within minutes or an hour. */
    private static function mayGoOn(SignedOutGrant $ended): bool
    {
        return in_array($ended->refreshToken, ['not_supported', 'not_revoked'], true) || in_array($ended->accessToken, ['not_revoked'], true);
    }

    /** Removes the link of an EHR user. Returns the name of a notice. */
    public function unlink(string $id): string
    {
        if ($id === '') {
            throw new Denied(422, 'Not unlinked', 'The form has no EHR user. Open the page again and repeat your last step.');
        }
        $this->app->client()->unlink($this->administrator, $id);
        $this->app->configuration()->note($this->administrator, 'Unlink an EHR user');
        return 'unlinked';
    }

    private function grantRow(GrantEntry $grant): string
    {
        $user = $grant->user ?? 'System account';
        $system = $this->names[$grant->source] ?? $grant->source;
        $notes = [$grant->advice, ...array_map(self::warning(...), $grant->warnings)];
        $state = self::state($grant->status) . ($grant->patientBound ? ', for one patient' : '');
        return self::row($user, [$system, $state, self::time($grant->signedInAt), self::time($grant->refreshedAt), self::end($grant), implode(' ', array_filter($notes))],
            $this->form('sign-out', 'Sign out', "$user at $system", ['user' => $grant->user ?? '', 'system' => $grant->source]));
    }

    private function linkRow(UserLink $link): string
    {
        $id = $link->ehrUser ?? 'cannot be decrypted';
        $ehrUser = $link->ehrUserName === null || $link->ehrUserName === $id ? $id : "$link->ehrUserName ($id)";
        $system = $link->source === null ? 'not known' : $this->names[$link->source] ?? $link->source;
        return self::row($ehrUser, [$system, $link->applicationUser ?? 'cannot be decrypted', self::time($link->createdAt)],
            $this->form('unlink', 'Unlink', "$ehrUser at $system", ['link' => $link->id]));
    }

    private static function state(string $status): string
    {
        return match ($status) {
            'active' => 'Works',
            'no_refresh_token' => 'Works until it ends',
            'expired' => 'Ended',
            'suspect' => 'Uncertain: the answer of the EHR was lost',
            'suspended' => 'Suspended by the EHR',
            'revoked' => 'Ended by the EHR',
            default => $status,
        };
    }

    private static function warning(string $name): ?string
    {
        return match ($name) {
            'refresh_token_missing' => 'The EHR did not allow a longer sign-in, although the application requested it.',
            'lapses_soon' => 'It ends soon if it is not used.',
            default => null,
        };
    }

    private static function end(GrantEntry $grant): string
    {
        return match ($grant->lapse) {
            'never' => 'does not end',
            'unused' => self::time($grant->lapsesAt) . ', unless it is used before',
            'ehr_session' => "with the user's session in the EHR",
            'access_token' => self::time($grant->lapsesAt),
            'ended' => 'has ended',
            default => 'not known',
        };
    }

    private static function time(?int $seconds): string
    {
        return $seconds === null ? '' : date('Y-m-d H:i', $seconds);
    }

    /** @param list<string> $cells texts */
    private static function row(string $head, array $cells, string $form): string
    {
        return '<tr><th scope="row">' . h($head) . '</th>' . implode('', array_map(static fn(string $cell): string => '<td>' . h($cell) . '</td>', $cells))
            . "<td>$form</td></tr>";
    }

    /** @param array<string, string> $fields */
    private function form(string $do, string $button, string $what, array $fields): string
    {
        return '<form method="post" action="admin.php">' . $this->app->session()->csrfField() . Page::hidden($fields)
            . "<button name=\"do\" value=\"$do\">$button<span class=\"hidden\">: " . h($what) . '</span></button></form>';
    }
}
