<?php

// The application's own tables, for MariaDB and SQLite.

declare(strict_types=1);

namespace App;

use FhirEhr\PdoMigrations;
use PDO;

final class Schema
{
    /** Text is compared by bytes: record "a" is not record "A". */
    private const TABLES = [
        'member (name VARCHAR(100) PRIMARY KEY, password_hash VARCHAR(255) NOT NULL, administrator INTEGER NOT NULL)',
        'project (name VARCHAR(100) PRIMARY KEY, title VARCHAR(255) NOT NULL, environment VARCHAR(20) NOT NULL,
            module INTEGER NOT NULL, text_mode VARCHAR(20) NOT NULL, offset_days INTEGER NOT NULL, offset_direction VARCHAR(2) NOT NULL,
            mrn_field VARCHAR(100), event VARCHAR(100) NOT NULL, mapping MEDIUMTEXT NOT NULL, preview TEXT NOT NULL)',
        // What a project may use of the EHR. A project without a row may use every system that its environment allows, but no system
        // account. "sources" is a JSON list of system ids, or NULL for every system.
        'project_ehr (project VARCHAR(100) PRIMARY KEY, sources TEXT, system_account INTEGER NOT NULL)',
        'field (project VARCHAR(100) NOT NULL, position INTEGER NOT NULL, name VARCHAR(100) NOT NULL,
            label VARCHAR(255) NOT NULL, type VARCHAR(20) NOT NULL, PRIMARY KEY (project, name))',
        'project_right (member VARCHAR(100) NOT NULL, project VARCHAR(100) NOT NULL, what VARCHAR(20) NOT NULL,
            PRIMARY KEY (member, project, what))',
        // One record for each MRN: two users who add a patient at the same time get the same record. An MRN is unique within its
        // source only; a patient of another hospital may have the same one.
        'record (project VARCHAR(100) NOT NULL, record VARCHAR(100) NOT NULL, source VARCHAR(100) NOT NULL, mrn VARCHAR(100) NOT NULL,
            PRIMARY KEY (project, record), UNIQUE (project, source, mrn))',
        'record_value (project VARCHAR(100) NOT NULL, record VARCHAR(100) NOT NULL, event VARCHAR(100) NOT NULL,
            field VARCHAR(100) NOT NULL, value MEDIUMTEXT NOT NULL, PRIMARY KEY (project, record, event, field))',
        'history (id INTEGER PRIMARY KEY AUTO_INCREMENT, at BIGINT NOT NULL, member VARCHAR(100) NOT NULL,
            project VARCHAR(100) NOT NULL, record VARCHAR(100) NOT NULL, what VARCHAR(255) NOT NULL)',
        'configuration (id INTEGER PRIMARY KEY, document MEDIUMTEXT NOT NULL)',
        'secret (name VARCHAR(100) PRIMARY KEY, sealed TEXT NOT NULL)',
        'session (id_hash VARCHAR(64) PRIMARY KEY, browser VARCHAR(64) NOT NULL, csrf VARCHAR(64) NOT NULL,
            user_name VARCHAR(100), login_until BIGINT NOT NULL, ends_at BIGINT NOT NULL)',
        'sign_in_attempt (id INTEGER PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80) NOT NULL, at BIGINT NOT NULL)',
        'ticket (kind VARCHAR(20) NOT NULL, name VARCHAR(64) NOT NULL, browser VARCHAR(64) NOT NULL, until BIGINT NOT NULL,
            sealed TEXT NOT NULL, PRIMARY KEY (kind, name))',
    ];

    /** Creates the missing tables of the application and of fhir_ehr's store. */
    public static function install(Settings $settings): void
    {
        foreach (['database', 'tokens'] as $name) {
            (new PdoMigrations($settings->connect($name)))->install();
        }
        $pdo = $settings->connect('database');
        $mysql = $pdo->getAttribute(PDO::ATTR_DRIVER_NAME) === 'mysql';
        foreach (self::TABLES as $table) {
            $sql = $mysql ? $table : str_replace('AUTO_INCREMENT', 'AUTOINCREMENT', $table);
            $pdo->exec("CREATE TABLE IF NOT EXISTS $sql" . ($mysql ? ' ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' : ''));
        }
    }
}
