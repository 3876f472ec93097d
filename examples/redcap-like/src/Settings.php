<?php

// The settings file of the server administrator: base URL, databases, key file, and other applications for handoffs.

declare(strict_types=1);

namespace App;

use PDO;

/**
 * @phpstan-type Database array{dsn: string, user?: string, password?: string}
 * @phpstan-type Handoff array{title: string, url: string, secret: string}
 */
final class Settings
{
    /**
     * @param array<string, Database> $databases
     * @param list<Handoff> $handoffs
     */
    private function __construct(
        /** The application's base URL, as browsers and the EHR use it. It is never taken from a request. */
        public readonly string $address,
        public readonly string $keyFile,
        private readonly array $databases,
        /** The other applications to which a launch may be handed off. */
        public readonly array $handoffs,
    ) {}

    public static function read(string $file): self
    {
        /** @var array{address: string, key_file: string, database: Database, tokens: Database, handoffs?: list<Handoff>} $given */
        $given = json_decode((string) file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
        return new self(
            rtrim($given['address'], '/'),
            $given['key_file'],
            ['database' => $given['database'], 'tokens' => $given['tokens']],
            $given['handoffs'] ?? [],
        );
    }

    /**
     * The launch URL, which without an organization is also the redirect URI. It must equal the registered URI exactly. A launch URL with
     * an organization accepts launches from EHR systems of this organization only.
     */
    public function launchAddress(string $organization = ''): string
    {
        return $this->address . '/ehr.php' . ($organization === '' ? '' : '/' . rawurlencode($organization));
    }

    /** The URL of the JWKS document, which EHRs fetch. */
    public function jwksAddress(): string
    {
        return $this->address . '/jwks.php';
    }

    /** A new connection to "database" or "tokens". */
    public function connect(string $name): PDO
    {
        $given = $this->databases[$name];
        $pdo = new PDO($given['dsn'], $given['user'] ?? null, $given['password'] ?? null, [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
            PDO::ATTR_EMULATE_PREPARES => false,
        ]);
        if ($pdo->getAttribute(PDO::ATTR_DRIVER_NAME) === 'sqlite') {
            $pdo->exec('PRAGMA busy_timeout = 10000');
        }
        return $pdo;
    }
}
