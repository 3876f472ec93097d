<?php

// The services of the application, each created when it is first used.

declare(strict_types=1);

namespace App;

use App\Ehr\Configuration;
use App\Ehr\EhrView;
use App\Ehr\EhrViews;
use App\Ehr\EventLog;
use App\Ehr\Keyring;
use App\Ehr\SigningKeys;
use App\Study\Adjudication;
use App\Study\Projects;
use App\Study\Records;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Session;
use App\Web\SignInAttempts;
use App\Web\Tickets;
use FhirEhr\Client;
use FhirEhr\PdoStore;
use FhirEhr\Source;
use PDO;

final class App
{
    private readonly Settings $settings;
    private ?PDO $database = null;
    private ?Client $client = null;
    private ?Session $session = null;

    public function __construct(string $settingsFile)
    {
        $this->settings = Settings::read($settingsFile);
    }

    public function settings(): Settings
    {
        return $this->settings;
    }

    /** The connection for records and staged rows, which change in one transaction. */
    public function database(): PDO
    {
        return $this->database ??= $this->settings->connect('database');
    }

    /**
     * The client for the configuration that the administrator has saved. Creating one for each request is cheap: the worker keeps
     * network connections and the checked configuration.
     */
    public function client(): Client
    {
        return $this->client ??= $this->clientFor($this->configuration()->document());
    }

    /**
     * A client for another document, to check a configuration before it is saved.
     *
     * @param array<string, string> $unsaved secrets that are not stored yet, by their names in the database
     */
    public function clientFor(string $document, #[\SensitiveParameter] array $unsaved = []): Client
    {
        return new Client(
            $document,
            // Tokens need their own connection: a rollback of the application must not undo the storage of a refresh token that the
            // EHR has rotated.
            store: new PdoStore(fn(): PDO => $this->settings->connect('tokens'), $this->database()),
            access: $this->rights(),
            log: new EventLog(),
            secretProvider: new Keyring($this->database(), $this->settings->keyFile, $unsaved),
        );
    }

    public function ehr(): \FhirEhr
    {
        return new \FhirEhr($this->client(), $this->settings->launchAddress());
    }

    public function keyring(): Keyring
    {
        return new Keyring($this->database(), $this->settings->keyFile);
    }

    public function configuration(): Configuration
    {
        return new Configuration($this->database(), $this->keyring(), $this->settings);
    }

    public function signingKeys(): SigningKeys
    {
        return new SigningKeys($this->configuration(), $this->clientFor(...));
    }

    public function rights(): Rights
    {
        return new Rights($this->database());
    }

    public function projects(): Projects
    {
        return new Projects($this->database());
    }

    public function records(): Records
    {
        return new Records($this->database(), $this->ehr(...));
    }

    public function tickets(): Tickets
    {
        return new Tickets($this->database(), $this->keyring());
    }

    public function signInAttempts(): SignInAttempts
    {
        return new SignInAttempts($this->database(), is_string($_SERVER['REMOTE_ADDR'] ?? null) ? $_SERVER['REMOTE_ADDR'] : '');
    }

    public function views(): EhrViews
    {
        return new EhrViews($this->tickets(), $this->ehr());
    }

    /** The browser's session. */
    public function session(): Session
    {
        return $this->session ??= Session::open($this->database());
    }

    /** The user who is signed in to the application. Shows the login page if no user is signed in. */
    public function user(): string
    {
        $user = $this->session()->user();
        if ($user === null) {
            $then = Http::parameter('view') === '' ? 'Sign in, then repeat your last step.' : "Open the application from the patient's chart again.";
            throw new Denied(401, 'Not signed in', "You are no longer signed in. $then");
        }
        return $user;
    }

    /** The EHR view that the request belongs to; null outside the EHR. */
    public function view(): ?EhrView
    {
        return Http::parameter('view') === '' ? null : $this->views()->of($this->session(), Http::parameter('view'));
    }

    public function adjudication(): Adjudication
    {
        return new Adjudication($this->database(), $this->client(), $this->records());
    }

    /**
     * The origins that may show this application in a frame: those of one source, or of all sources while the source is not known.
     *
     * @return list<string>
     */
    public function frameAncestors(?string $source): array
    {
        $sources = array_filter($this->client()->sources(), static fn(Source $one): bool => in_array($source, [null, $one->id], true));
        return array_values(array_unique(array_merge(...array_map(static fn(Source $one): array => $one->frameAncestors, array_values($sources)))));
    }
}
