<?php

// The browser's session: one database row for each cookie.
//
// The login expires after 30 minutes without a request. The session lasts longer, because launches are bound to it. So a user whose
// login expires during a sign-in to the EHR can continue after logging in again. If another user logs in instead, that user gets
// nothing that the first one started.

declare(strict_types=1);

namespace App\Web;

use PDO;

final class Session
{
    /** Browsers accept a __Host- cookie from this exact host only, so another host of the same domain cannot set it. */
    private const COOKIE = '__Host-research';
    private const LOGIN_SECONDS = 1800;
    private const SESSION_SECONDS = 43200;
    /** How long the old cookie of a renewed session stays valid, for requests that are already running. */
    private const OLD_SECONDS = 60;

    private function __construct(
        private readonly PDO $database,
        private string $id,
        /** Whether the browser sent a valid session cookie. If not, it may be blocking cookies. */
        public readonly bool $known,
        private string $browser,
        private string $csrf,
        private ?string $user,
        /** The user of the last login, even if it has expired. */
        private ?string $last,
    ) {}

    public static function open(PDO $database): self
    {
        $cookie = $_COOKIE[self::COOKIE] ?? null;
        if (is_string($cookie)) {
            $found = $database->prepare('SELECT browser, csrf, user_name, login_until FROM session WHERE id_hash = ? AND ends_at > ?');
            $found->execute([self::hash($cookie), time()]);
            /** @var array{browser: string, csrf: string, user_name: ?string, login_until: int}|false $row */
            $row = $found->fetch();
            // In SQLite, a write cannot wait for other writers while a query of the same connection is open.
            $found->closeCursor();
            if ($row !== false) {
                $user = $row['login_until'] > time() ? $row['user_name'] : null;
                $session = new self($database, $cookie, true, $row['browser'], $row['csrf'], $user, $row['user_name']);
                $session->stayLoggedIn();
                return $session;
            }
        }
        $session = new self($database, self::random(), false, self::random(), self::random(), null, null);
        $session->write(self::SESSION_SECONDS);
        return $session;
    }

    /** The user who is signed in to the application; null if none is. */
    public function user(): ?string
    {
        return $this->user;
    }

    /**
     * Identifies the browser for fhir_ehr and for tickets. A renewed session keeps it, so that launches in other tabs continue. It
     * changes when the user signs out or another user signs in.
     */
    public function browser(): string
    {
        return $this->browser;
    }

    /** Starts a new session id and form token after a login or logout, so that an old cookie becomes invalid. */
    public function renew(?string $user): void
    {
        $this->database->prepare('UPDATE session SET user_name = NULL, ends_at = ? WHERE id_hash = ?')
            ->execute([time() + self::OLD_SECONDS, self::hash($this->id)]);
        // Another user must not finish what the first one started, such as a sign-in to the EHR in another tab.
        if ($user === null || !in_array($this->last, [null, $user], true)) {
            $this->browser = self::random();
        }
        [$this->id, $this->csrf, $this->user, $this->last] = [self::random(), self::random(), $user, $user];
        $this->write(self::SESSION_SECONDS);
    }

    /** The hidden CSRF field. Every POST needs it. */
    public function csrfField(): string
    {
        return '<input type="hidden" name="csrf" value="' . h($this->csrf) . '">';
    }

    /** Refuses a POST without the CSRF token of this session. */
    public function checkCsrf(): void
    {
        if (!is_string($_POST['csrf'] ?? null) || !hash_equals($this->csrf, $_POST['csrf'])) {
            throw new Denied(403, 'Form refused', 'This form does not belong to your current session. Go back, reload the page, and submit the form again.');
        }
    }

    /** Deletes expired rows; cli.php daily calls it. */
    public static function purge(PDO $database): void
    {
        $database->prepare('DELETE FROM session WHERE ends_at <= ?')->execute([time()]);
    }

    private function stayLoggedIn(): void
    {
        if ($this->user !== null) {
            $this->database->prepare('UPDATE session SET login_until = ? WHERE id_hash = ?')
                ->execute([time() + self::LOGIN_SECONDS, self::hash($this->id)]);
        }
    }

    private function write(int $seconds): void
    {
        $this->database->prepare(
            'INSERT INTO session (id_hash, browser, csrf, user_name, login_until, ends_at) VALUES (?, ?, ?, ?, ?, ?)',
        )->execute([
            self::hash($this->id), $this->browser, $this->csrf, $this->user, time() + self::LOGIN_SECONDS, time() + $seconds,
        ]);
        // An EHR shows the application in a cross-site frame. Browsers send only SameSite=None cookies there. Browsers that block
        // third-party cookies still accept Partitioned ones. setcookie() does not support Partitioned before PHP 8.5.
        header('Set-Cookie: ' . self::COOKIE . "=$this->id; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", replace: true);
    }

    private static function random(): string
    {
        return bin2hex(random_bytes(32));
    }

    /** Only a hash is stored, so that a reader of the table cannot take over a session. */
    private static function hash(string $id): string
    {
        return hash('sha256', $id);
    }
}
