<?php

// The browser's session: one row of the database for each cookie.
//
// Two ends: the login ends after half an hour without a request; the session itself, to which launches are bound, lives
// on. So a user whose login ends while she signs in to the EHR comes back to where she was; whoever signs in there
// instead of her finds nothing that she had begun.

declare(strict_types=1);

namespace App\Web;

use PDO;

final class Session
{
    /** Browsers take a __Host- cookie from this very host only: no page of a neighbouring name can plant one. */
    private const COOKIE = '__Host-research';
    private const LOGIN_SECONDS = 1800;
    private const SESSION_SECONDS = 43200;
    /** How long requests that were under way with a renewed session's old cookie are still known. */
    private const OLD_SECONDS = 60;

    private function __construct(
        private readonly PDO $database,
        private string $id,
        /** Whether the browser sent a cookie that we know; without one, it may be that it keeps none. */
        public readonly bool $known,
        private string $browser,
        private string $csrf,
        private ?string $user,
        /** Who was the last to be signed in, also when that login has ended. */
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
            // In SQLite, who writes while a query of its own is open cannot wait for others.
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

    /** Who is signed in to the application. */
    public function user(): ?string
    {
        return $this->user;
    }

    /**
     * Names the browser towards fhir_ehr and for tickets. It stays when the id is renewed, so that launches in other tabs
     * go on, until somebody signs out or somebody else signs in.
     */
    public function browser(): string
    {
        return $this->browser;
    }

    /** Somebody has signed in, or out: a new id and a new token for forms, so that an old cookie is worth nothing. */
    public function renew(?string $user): void
    {
        $this->database->prepare('UPDATE session SET user_name = NULL, ends_at = ? WHERE id_hash = ?')
            ->execute([time() + self::OLD_SECONDS, self::hash($this->id)]);
        // What one person has begun here, such as a sign-in to the EHR in another tab, is not the next one's to finish.
        if ($user === null || !in_array($this->last, [null, $user], true)) {
            $this->browser = self::random();
        }
        [$this->id, $this->csrf, $this->user, $this->last] = [self::random(), self::random(), $user, $user];
        $this->write(self::SESSION_SECONDS);
    }

    /** The hidden field without which no POST is taken. */
    public function csrfField(): string
    {
        return '<input type="hidden" name="csrf" value="' . h($this->csrf) . '">';
    }

    /** Ends a POST that no form of this session has sent. */
    public function checkCsrf(): void
    {
        if (!is_string($_POST['csrf'] ?? null) || !hash_equals($this->csrf, $_POST['csrf'])) {
            throw new Denied(403, 'Not sent', 'This form is not of your present session. Go back, load the page again, and send it once more.');
        }
    }

    /** For the daily job. */
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
        // EHRs show applications in a frame of another site: only SameSite=None cookies are sent there, and browsers that
        // block third-party cookies still keep Partitioned ones. setcookie() cannot say Partitioned before PHP 8.5.
        header('Set-Cookie: ' . self::COOKIE . "=$this->id; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", replace: true);
    }

    private static function random(): string
    {
        return bin2hex(random_bytes(32));
    }

    /** Only a hash is stored: who reads the table cannot become somebody. */
    private static function hash(string $id): string
    {
        return hash('sha256', $id);
    }
}
