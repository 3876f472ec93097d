<?php

// Made by php-ext/scripts/gen-arginfo from the .stub.php files. For IDEs and static analysis; never loaded.

namespace FhirEhr\Exception {
    /**
     * Everything that the extension throws of its own. What one of your hooks throws comes out as it is.
     *
     * getMessage() is one plain sentence that may be logged and shown: no token, secret, record number or
     * address with identifiers is in it, and foreign text in it is escaped. getCode() is the stable number,
     * getName() the stable name, as listed in docs/errors.md.
     *
     * @example
     * try {
     *     $pulled = $client->pull($request);
     * } catch (AuthorizationException $e) {
     *     header('Location: ' . $client->signIn('ehr', $user, session_id(), $redirectUri));
     * } catch (Exception $e) {
     *     $log->error($e->getMessage(), ['error' => $e->getName(), 'whose' => $e->getOwner(), 'hint' => $e->getHint()]);
     * }
     */
    interface Exception extends \Throwable
    {
        /** The stable name of the code, such as "state_unknown". */
        public function getName(): string;

        /** The step in which it arose, such as "launch", "token", "pull", "store". */
        public function getStage(): string;

        /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
        public function getOwner(): string;

        /** When another try makes sense: "never" (before something was changed), "now", "later" or "after_sign_in". */
        public function getRetry(): string;

        /** What to do about it, such as the configuration entry that is missing. */
        public function getHint(): ?string;

        /** How many seconds the server asked to wait. */
        public function getRetryAfter(): ?int;

        /** The vendor's own code, for a ticket to the EHR team. */
        public function getVendorCode(): ?string;

        /** The id under which the vendor's support finds the event. */
        public function getCorrelationId(): ?string;

        /** The HTTP status of the answer that caused it. */
        public function getHttpStatus(): ?int;
    }
}

namespace FhirEhr\Exception {
    /**
     * The base of the exceptions of this extension.
     */
    class RuntimeException extends \RuntimeException implements Exception
    {
        private string $name = "";
        private string $stage = "";
        private string $owner = "";
        private string $retry = "";
        private ?string $hint = null;
        private ?int $retryAfter = null;
        private ?string $vendorCode = null;
        private ?string $correlationId = null;
        private ?int $httpStatus = null;

        /** The stable name of the code, such as "state_unknown". */
        public function getName(): string {}

        /** The step in which it arose, such as "launch", "token", "pull", "store". */
        public function getStage(): string {}

        /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
        public function getOwner(): string {}

        /** When another try makes sense: "never" (before something was changed), "now", "later" or "after_sign_in". */
        public function getRetry(): string {}

        /** What to do about it, such as the configuration entry that is missing. */
        public function getHint(): ?string {}

        /** How many seconds the server asked to wait. */
        public function getRetryAfter(): ?int {}

        /** The vendor's own code, for a ticket to the EHR team. */
        public function getVendorCode(): ?string {}

        /** The id under which the vendor's support finds the event. */
        public function getCorrelationId(): ?string {}

        /** The HTTP status of the answer that caused it. */
        public function getHttpStatus(): ?int {}
    }
}

namespace FhirEhr\Exception {
    /**
     * The EHR, its network or its TLS could not be reached as they should; nothing is lost, try later.
     */
    class ConnectionException extends RuntimeException
    {
    }
}

namespace FhirEhr {
    /** The version of the loaded library libfhir_ehr, such as "0.1.0". phpinfo() tells more. */
    function version(): string {}

    /**
     * The fields that a mapping may name: for a search, or a list to choose from. Much used LOINC codes are
     * among them, with labels; every other LOINC code is a field as well. "temporal": it has a time, so that a
     * window applies. "demographic": it is read from the Patient.
     * "synonyms": other words that people type to find the field, such as "WBC".
     *
     * @return list<array{name: string, label: string, category: string, synonyms: list<string>, temporal: bool, demographic: bool}>
     */
    function fields(): array {}
}

namespace FhirEhr {
    /** Hook: the application's word on who may do what. Without it everybody may do everything. */
    interface Access
    {
        /**
         * Whether the user may do this in the project; the project is empty for Action::Launch.
         *
         * Later versions may ask for more actions: answer false to those you do not know. Whatever is thrown
         * here comes out of the Client's method, and nothing is done.
         */
        public function allows(string $user, string $project, Action $action): bool;
    }
}

namespace FhirEhr {
    /** What a user wants to do; asked of Access before anything is done. */
    enum Action: string
    {
        /** Sign in from the EHR or to it; the project is empty. */
        case Launch = "launch";
        /** Change which field goes where. */
        case Map = "map";
        /** Pull a patient's values. */
        case Pull = "pull";
        /** See staged values, decide on them and save them. */
        case Adjudicate = "adjudicate";
        /** Look at the connection to a source, or change it; the project is empty. */
        case Configure = "configure";
    }
}

namespace FhirEhr {
    /**
     * What one step of Client::checkSource() found. It holds no secret and may be shown, escaped.
     */
    final class CheckStep
    {
        /**
         * "metadata", "endpoints", "client", "system_account", "redirect_uris", "resources", "secrets", "vault", "ca_file", "store" or
         * "not_checked"; later versions may have more.
         */
        public readonly string $name;
        /** "ok", "failed", "warning", "unknown" (it cannot be determined) or "skipped" (there is nothing to check). */
        public readonly string $status;
        /** What was found, in plain sentences. */
        public readonly string $text;
        /** What to do about it. */
        public readonly ?string $hint;
        /** Where something is to be fixed: who can fix it, as Exception::getOwner() says it; else null. */
        public readonly ?string $owner;
        /** Where something is to be fixed: the stable name of the error (docs/errors.md); else null. */
        public readonly ?string $error;
        /** The stable id of what was found (docs/administrator.md); "error" where the step ended with an error. */
        public readonly string $finding;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * The face: one method for each thing that an application does.
     *
     * Making a client for each request is cheap. The checked configuration, the TLS roots and the connections
     * live as long as the worker, one set for each configuration text; the hooks live as long as the client.
     *
     * What a hook throws comes out of the method as that very object. A client cannot be used by one of its own
     * hooks while they are called: that is an InternalException named "busy".
     */
    final class Client
    {
        /**
         * A client for a configuration that the application keeps, for example in its database. A changed text
         * takes effect with the next client; no worker has to be restarted.
         *
         * @param string $configuration the JSON document (docs/config.schema.json); relative paths in it count
         *     from the current folder: write absolute ones, or use fromFile()
         * @param Store|null $store where sealed records are kept; null: the configuration's own SQLite file
         * @param Access|null $access who may do what; null: everybody may do everything
         * @param Log|null $log who hears what happens
         * @param SecretProvider|null $secretProvider the secret provider, for secrets that the configuration writes as "hook:NAME"
         *
         * @throws Exception\ConfigurationException when the document is not valid or a key cannot be had
         *
         * @example
         * $client = new Client(configuration: $settings->fhirEhr(), store: new PdoStore($pdo), log: new Psr3Log($logger));
         */
        public function __construct(
            #[\SensitiveParameter] string $configuration,
            ?Store $store = null,
            ?Access $access = null,
            ?Log $log = null,
            ?SecretProvider $secretProvider = null
        ) {}

        /**
         * A client for a configuration file; relative paths in it count from the file's folder. The file is read
         * with each call, so a change needs no restart.
         *
         * @throws Exception\ConfigurationException as the constructor, and when the file cannot be read
         */
        public static function fromFile(
            string $path,
            ?Store $store = null,
            ?Access $access = null,
            ?Log $log = null,
            ?SecretProvider $secretProvider = null
        ): Client {}

        /**
         * Handles the one address that the EHR launches and the authorization server returns to.
         *
         * @param string $query the request's query string as it came
         * @param string $session names the browser's session and is known to the application alone: session_id() after
         *     session_start()
         * @param string $redirectUri this very address, fixed by the application, never taken from the request
         *
         * @throws Exception\AuthorizationException when the state is not ours, was used, is too old or of
         *     another session; when the user or the EHR denied access, or the code is not accepted;
         *     when the EHR user is linked to another user than the one who began the sign-in ("ehr_user_of_another")
         * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration
         * @throws Exception\ConnectionException when the token endpoint cannot be reached
         * @throws Exception\AccessException when Access does not allow the user to sign in
         * @throws Exception\RequestException when $session is empty
         *
         * @example
         * $arrival = $client->handleLaunch($_SERVER['QUERY_STRING'], session_id(), 'https://app.example/ehr.php');
         * match ($arrival->kind) {
         *     LaunchResultKind::Redirect => header("Location: $arrival->url"),
         *     LaunchResultKind::SignedIn => startSession($arrival->signIn->user),
         *     LaunchResultKind::LoginRequired => showLogin($_SESSION['handover'] = $arrival->handover),
         * };
         */
        public function handleLaunch(
            #[\SensitiveParameter] string $query,
            #[\SensitiveParameter] string $session,
            string $redirectUri
        ): LaunchResult {}

        /**
         * Begins a sign-in from the application, for a user it has logged in: the address to send the browser
         * to. It comes back to handleLaunch().
         *
         * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration
         * @throws Exception\ConnectionException when the source's endpoints cannot be discovered
         * @throws Exception\AccessException when Access does not allow it
         * @throws Exception\RequestException when $session is empty
         */
        public function signIn(
            string $source,
            string $user,
            #[\SensitiveParameter] string $session,
            string $redirectUri
        ): string {}

        /**
         * Ends a launch for which the application has asked for its own login, and links the EHR's user to the
         * application's, so that later launches need none.
         *
         * @throws Exception\AuthorizationException when the hand-over was used, is too old or of another session, or the
         *     EHR user is linked to another user ("ehr_user_of_another")
         * @throws Exception\AccessException when Access does not allow the user to sign in
         * @throws Exception\RequestException when $session or $user is empty
         */
        public function finishLogin(
            #[\SensitiveParameter] string $handover,
            #[\SensitiveParameter] string $session,
            string $user
        ): SignIn {}

        /**
         * Checks a mapping that a user wants to use in a project.
         *
         * @return list<string> what is not as documented but could be used, a sentence each
         *
         * @throws Exception\MappingException with the line's number; getHint() says what to write instead
         * @throws Exception\AccessException when Access does not allow it
         */
        public function checkMapping(string $user, string $project, string $csv): array {}

        /**
         * Whether data of a source may enter a project of this environment. A production project takes data of a
         * production source only; a sandbox or test project takes data of any source. Call it before you list a
         * project for a patient of the source, and before you write the patient into the project. patient() and
         * pull() refuse by the same rule with a ConfigurationException named "environment_mismatch".
         *
         * Access is not asked. Neither the store nor the network is used.
         *
         * @param Environment $environment the project's
         *
         * @throws Exception\ConfigurationException when there is no such source
         *
         * @example
         * $open = array_filter($projects, fn ($project) => $client->sourceMayServe($signIn->source, $project->environment));
         */
        public function sourceMayServe(string $source, Environment $environment): bool {}

        /**
         * Pulls a patient's values and stages them. What did not come, and why, is in the report; when it throws,
         * nothing was staged.
         *
         * A value that a person has decided is never changed. When the EHR has another value now, that one waits in a row
         * of its own (StagedRow::$changed), and the decided row has EhrState::Corrected.
         *
         * @throws Exception\AuthorizationException when the user has to sign in (again)
         * @throws Exception\PatientException when there is no such patient, more than one, or another one came
         * @throws Exception\ConnectionException when the EHR cannot be reached
         * @throws Exception\TimeoutException when the EHR does not answer in time
         * @throws Exception\FhirException when the EHR refuses or fails before the patient is known
         * @throws Exception\MappingException when the mapping is not valid
         * @throws Exception\RequestException when the request is not valid, or the pull has too many rows
         * @throws Exception\ConfigurationException for an unknown source, or data that may not enter the project
         * @throws Exception\AccessException when Access does not allow it
         * @throws Exception\StagingException when the record belongs to another patient ("record_bound") or holds
         *     values of two patients ("record_mixed"): see clearPending()
         * @throws Exception\StoreException when rows cannot be staged
         *
         * @example
         * $pulled = $client->pull(new PullRequest(
         *     user: 'j.doe', source: 'ehr', project: '17', environment: Environment::Production,
         *     record: '1004', mrn: '10006579', mapping: $csv,
         * ));
         */
        public function pull(PullRequest $request): PullResult {}

        /**
         * Looks one patient up: record numbers and up to five demographic fields, for a banner or for finding the
         * study record. Nothing of it is staged or stored.
         *
         * Access is asked Action::Pull in the request's project; without a project, for a patientId, Action::Launch.
         *
         * @throws Exception\AuthorizationException when the user has to sign in (again)
         * @throws Exception\PatientException when there is no such patient, more than one, or another one came
         * @throws Exception\ConnectionException when the EHR cannot be reached
         * @throws Exception\TimeoutException when the EHR does not answer in time
         * @throws Exception\FhirException when the EHR refuses or fails, or knows no such id
         * @throws Exception\RequestException when not exactly one of mrn and patientId is given, an mrn or a system
         *     account without a project and its environment, too many fields, or one that is not demographic
         * @throws Exception\ConfigurationException for an unknown source, or data that may not enter the project
         * @throws Exception\AccessException when Access does not allow it
         *
         * @example
         * $patient = $client->patient(new PatientRequest(
         *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient, fields: ['name-family', 'birthDate'],
         * ));
         * echo htmlspecialchars($patient->values['name-family'] ?? '?'), ' ', $records->withNumber($patient->mrns);
         */
        public function patient(PatientRequest $request): Patient {}

        /**
         * The rows that wait or are on their way, of one record or of the whole project, in the order in which
         * they are shown.
         *
         * @return list<StagedRow>
         *
         * @throws Exception\AccessException when Access does not allow it
         * @throws Exception\StoreException when the store cannot be reached
         * @throws Exception\StagingException when a row does not open: its key is gone, or it was changed; when the record
         *     holds values of two patients ("record_mixed")
         */
        public function staged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): array {}

        /**
         * Notes a user's decisions on a record's rows, all or none of them; says how many there were. Rows that
         * are not named stay as they are.
         *
         * Name rows by StagedRow::$decision: a value that a pull has corrected since it was shown is then not
         * decided on unseen. StagedRow::$key names whatever value stands there.
         *
         * @param list<string> $accept the rows to save
         * @param list<string> $reject the rows not to save
         *
         * @throws Exception\StagingException when one names no waiting row, two accepted values would go into one
         *     place, the value was corrected or somebody else decided meanwhile; nothing was changed
         * @throws Exception\AccessException when Access does not allow it
         */
        public function adjudicate(
            string $user,
            string $project,
            #[\SensitiveParameter] string $record,
            array $accept = [],
            array $reject = []
        ): int {}

        /**
         * The rows of a record that were saved or rejected, in the order of staged(). Their values are erased, except
         * entries of lists that are in the record. StagedRow::$ehrState says what the EHR says about each of them now. A
         * value that removeSaved() named is among the rows of staged() until it is saved.
         *
         * @return list<StagedRow>
         *
         * @throws Exception\AccessException when Access does not allow it
         * @throws Exception\StoreException when the store cannot be reached
         * @throws Exception\StagingException as staged()
         */
        public function decided(string $user, string $project, #[\SensitiveParameter] string $record): array {}

        /**
         * Asks that saved values be removed from the record, such as entries of a list. The next valuesToSave() hands out
         * their places without them: a list without the entry, or an empty value. After saved() they count as rejected
         * and do not come back as new. Until the hand-out, reopen() takes a removal back. Says how many they are.
         *
         * @param list<string> $keys StagedRow::$decision or StagedRow::$key of rows of decided() that are saved
         *
         * @throws Exception\StagingException when a key names no saved row, the record holds a later version of the value,
         *     another value is on its way into the same place, or another person was first; nothing was changed
         * @throws Exception\AccessException when Access does not allow it
         *
         * @example
         * $gone = array_filter($client->decided('j.doe', '17', '1004'), fn ($row) => $row->list && $row->ehrState === EhrState::Gone);
         * $client->removeSaved('j.doe', '17', '1004', array_column($gone, 'decision'));
         */
        public function removeSaved(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

        /**
         * Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected; says how many. When
         * no value of the record is saved or on its way, the next pull may be for another patient. Of a record that holds
         * values of two patients ("record_mixed"), accepted values that were not handed out are deleted too.
         *
         * @throws Exception\StagingException when the record keeps changing; nothing was changed
         * @throws Exception\AccessException when Access does not allow it
         * @throws Exception\StoreException when the store cannot be reached
         */
        public function clearPending(string $user, string $project, #[\SensitiveParameter] string $record): int {}

        /**
         * Deletes stored rows that cannot be decrypted although their key is in the key ring: they were changed or moved in the
         * store. Says how many. Until then, the record of such a row is neither shown nor pulled into ("row_damaged"). The next
         * pull brings the values again, as new ones: a decision that was noted in a deleted row is lost.
         *
         * @param string|null $record one study record; null: all of the project
         *
         * @throws Exception\StagingException when the key of a damaged row decrypts no other row of the project, so that the key
         *     may be wrong; nothing was deleted
         * @throws Exception\AccessException when Access does not allow it
         * @throws Exception\StoreException when the store cannot be reached
         *
         * @example
         * echo $client->removeDamaged('j.doe', '17', '1004'), " damaged rows were deleted; pull the record again\n";
         */
        public function removeDamaged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): int {}

        /**
         * Takes acceptances of a record back: the rows wait again. It takes removals back too (removeSaved()). Says how many
         * they are.
         *
         * @param list<string> $keys StagedRow::$key of accepted rows
         *
         * @throws Exception\StagingException when a key names no accepted row, or somebody else was first
         * @throws Exception\AccessException when Access does not allow it
         */
        public function reopen(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

        /**
         * The accepted values of a record, for saving: each is handed out in one call only. Save them, then call
         * saved(), or returnUnsaved() to have them handed out again. A list comes whole. A value that is to be removed is
         * empty: write that too.
         *
         * @throws Exception\AccessException when Access does not allow it
         * @throws Exception\StagingException when somebody else asks at the same moment
         *
         * @example
         * $set = $client->valuesToSave('j.doe', '17', '1004');
         * foreach ($set->values as $value) {
         *     $study->write('1004', $value->event, $value->studyField, $value->value);
         * }
         * $client->confirmSaved('17', '1004', $set->saveId);
         */
        public function valuesToSave(string $user, string $project, #[\SensitiveParameter] string $record): SaveSet {}

        /**
         * The application has saved a set: its values are erased here and do not come back as new. Says how many
         * rows that were. The empty id of a set without values is fine: 0 rows.
         *
         * @throws Exception\StagingException when no such set is out
         */
        public function confirmSaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

        /**
         * The application could not save a set: its values will be handed out again. Says how many rows that were.
         *
         * @throws Exception\StagingException when no such set is out
         */
        public function returnUnsaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

        /**
         * Deletes what has expired in the store and says how many records that were; for a daily job.
         *
         * @throws Exception\StoreException when the store cannot be reached
         */
        public function purgeExpired(): int {}

        /**
         * The scopes that are asked for at a source, for the vendor's console.
         *
         * @return array{launch: list<string>, standalone: list<string>, system: list<string>}
         *
         * @throws Exception\ConfigurationException when there is no such source
         */
        public function scopes(string $source): array {}

        /**
         * The sources of the configuration, in its order. Nothing is read or sent for it.
         *
         * @return list<Source>
         */
        public function sources(): array {}

        /**
         * Auto-Find: asks a server that need not be in the configuration for its endpoints and its FHIR version.
         *
         * For an administrator who asks for it by hand: the base URL is typed by a person, never taken from a launch.
         * TLS and limits are the configuration's. Access is asked Action::Configure; the store is not touched.
         *
         * @param string $iss the FHIR base URL: https, or http on the loopback interface
         *
         * @throws Exception\ConfigurationException when the address is not allowed; nothing was sent
         * @throws Exception\ConnectionException when the server cannot be reached, or publishes no endpoints
         * @throws Exception\TimeoutException when it does not answer in time
         * @throws Exception\AccessException when Access does not allow it
         */
        public function discover(string $user, string $iss): Discovery {}

        /**
         * Checks whether a source answers as it is configured: its base URL and FHIR version, its endpoints, id and
         * secret of the registration for users, the system account; then redirect URIs, names of resource types, secrets, vault
         * keys, the CA file and the store. A step that failed throws nothing, and the others go on. No patient is asked for. The
         * store gets a test record, which is deleted again. It may take some seconds.
         *
         * Access is asked Action::Configure.
         *
         * @param bool $tryWrongSecret whether a production source may be asked with a secret that is certainly wrong, to compare the
         *     answers; the EHR may count such requests. Other sources are asked in any case
         *
         * @return list<CheckStep>
         *
         * @throws Exception\ConfigurationException when there is no such source
         * @throws Exception\AccessException when Access does not allow it
         *
         * @example
         * foreach ($client->checkSource('admin', 'ehr') as $step) {
         *     echo htmlspecialchars("$step->name: $step->status: $step->text $step->hint"), "<br>\n";
         * }
         */
        public function checkSource(string $user, string $source, bool $tryWrongSecret = false): array {}
    }
}

namespace FhirEhr {
    /**
     * What a server says of itself (Auto-Find), for somebody who writes its entry of the configuration. It comes
     * from outside: escape it before it is shown.
     */
    final class Discovery
    {
        /** Where users sign in; null where the server names none. */
        public readonly ?string $authorizationEndpoint;
        /** Where tokens come from. */
        public readonly string $tokenEndpoint;
        /** "r4" or "dstu2"; null when it says none, or another one. */
        public readonly ?string $fhirVersion;
        /** In which document the endpoints were found: "smart-configuration" or "metadata". */
        public readonly string $foundIn;
        /**
         * The scopes it says it knows; it may grant others too.
         *
         * @var list<string>
         */
        public readonly array $scopesSupported;
        /**
         * The SMART capabilities it says it has, such as "launch-ehr".
         *
         * @var list<string>
         */
        public readonly array $capabilities;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /** What the EHR says now about a row's value. It changes no decision. */
    enum EhrState: string
    {
        /** The last pull that asked for the value brought it, or none asked since. */
        case Current = "current";
        /** The EHR has another value now; that one waits in a row of its own. */
        case Corrected = "corrected";
        /** No longer in the EHR. */
        case Gone = "gone";
        /** Its resource no longer gives this value for this field, such as a problem that was resolved. */
        case NotMatching = "not_matching";
        /** The EHR says that it was entered in error. */
        case EnteredInError = "entered_in_error";
    }
}

namespace FhirEhr {
    /**
     * How far from patients' care a source or a project is. Data of a sandbox or test source never enters a
     * production project.
     */
    enum Environment: string
    {
        /** A vendor's public sandbox or a simulator. */
        case Sandbox = "sandbox";
        /** A hospital's test system. */
        case Test = "test";
        /** Real patients. */
        case Production = "production";
    }
}

namespace FhirEhr\Exception {
    /**
     * The Access hook did not allow it.
     */
    final class AccessException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The sign-in is missing, refused or over: the user has to sign in (again).
     */
    final class AuthorizationException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The configuration, or a secret or registration that it names, is not right.
     */
    final class ConfigurationException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The EHR's FHIR server refuses, fails, or sends what cannot be used.
     */
    final class FhirException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The client is in use by the call that invoked this hook ("busy"), or there is a defect in fhir_ehr ("internal").
     */
    final class InternalException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The mapping is not valid; getMessage() names the line, getHint() what to write.
     */
    final class MappingException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * No patient, more than one, or another one than was asked for; nothing of the pull was kept.
     */
    final class PatientException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * What was asked cannot be done as it was asked: an argument is not valid, or the pull is too large.
     */
    final class RequestException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * Staged rows: one does not open, is gone, was decided by somebody else, or two go into one place.
     */
    final class StagingException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The store cannot be reached, is not a store of fhir_ehr, or returns what cannot be right. Each change was
     * saved completely or not at all.
     */
    final class StoreException extends RuntimeException
    {
    }
}

namespace FhirEhr\Exception {
    /**
     * The EHR did not answer in time.
     */
    final class TimeoutException extends ConnectionException
    {
    }
}

namespace FhirEhr {
    /**
     * What the EHR said on return, for the application's screens. Dumps, casts and json_encode() hide the patient.
     */
    final class LaunchContext
    {
        /** The FHIR id of the patient in the EHR's chart; give it to PullRequest::$launchPatient. */
        public readonly ?string $patient;
        /** The encounter in the EHR's chart. */
        public readonly ?string $encounter;
        /** The EHR's name for the user. */
        public readonly ?string $ehrUser;
        /** Whether the application must show who the patient is; true unless the EHR says that it does so. */
        public readonly bool $needPatientBanner;
        /** Where the EHR describes its looks. */
        public readonly ?string $smartStyleUrl;
        /** What the user came for. */
        public readonly ?string $intent;
        /** The EHR's tenant. */
        public readonly ?string $tenant;
        /** The scopes the EHR granted, separated by blanks; empty when the EHR does not say. */
        public readonly string $grantedScopes;
        /**
         * The scopes asked for that those granted do not cover; empty also when grantedScopes is. An EHR may grant more than it says.
         *
         * @var list<string>
         */
        public readonly array $missingScopes;
        /** When the access token ends, in seconds since 1970; it is refreshed by itself where the EHR allows it. */
        public readonly int $expiresAt;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * What became of a browser's arrival. Dumps, casts and json_encode() hide its address and its hand-over.
     */
    final class LaunchResult
    {
        /** Which of the others are there. */
        public readonly LaunchResultKind $kind;
        /** Redirect: the address to send the browser to. */
        public readonly ?string $url;
        /** SignedIn: who. */
        public readonly ?SignIn $signIn;
        /** LoginRequired: to be kept with the browser's session; one use. */
        public readonly ?string $handover;
        /** LoginRequired: the EHR's name for the user, for the screen; it is a foreign text. */
        public readonly ?string $ehrUser;
        /** SignedIn and LoginRequired: the source. */
        public readonly ?string $source;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /** What became of a browser's arrival at the launch address. */
    enum LaunchResultKind: string
    {
        /** Send the browser to LaunchResult::$url. */
        case Redirect = "redirect";
        /** The user is signed in: LaunchResult::$signIn. */
        case SignedIn = "signed_in";
        /** Ask for the application's own login, then call Client::finishLogin() with LaunchResult::$handover. */
        case LoginRequired = "login_required";
    }
}

namespace FhirEhr {
    /** How much an event matters. The values are those of PSR-3. */
    enum Level: string
    {
        /** For developers; nothing is told at this level today. */
        case Debug = "debug";
        /** The normal course. */
        case Info = "info";
        /** Something was refused or is not complete. */
        case Warning = "warning";
        /** Something failed that should not. */
        case Error = "error";
    }
}

namespace FhirEhr {
    /** Hook: who hears what happens. For a PSR-3 logger use FhirEhr\Psr3Log, which ships with the extension. */
    interface Log
    {
        /**
         * One event, such as "pull_ended", with its fields as texts: counts, names of sources and errors. No
         * event holds a token, a secret, a record number, a patient or an address.
         *
         * What is thrown here comes out of the Client's method although its work may be done: better do not.
         *
         * @param array<string, string> $fields
         */
        public function event(Level $level, string $event, array $fields): void;
    }
}

namespace FhirEhr {
    /** On which side of a record's date values count. */
    enum OffsetDirection: string
    {
        /** Before and after. */
        case Both = "+-";
        /** From the date on. */
        case After = "+";
        /** Up to the date. */
        case Before = "-";
    }
}

namespace FhirEhr {
    /**
     * A patient who was looked up. Nothing of it was stored; dumps, casts and json_encode() hide it.
     */
    final class Patient
    {
        /** The FHIR id. */
        public readonly string $patientId;
        /**
         * The record numbers, the best first: by the order of the source's mrnSystems, and of one identifier the
         * stored number before the displayed one. Empty when the EHR gives none that counts.
         *
         * @var list<string>
         */
        public readonly array $mrns;
        /**
         * The text of each field that was asked for and that has a value, by field.
         *
         * @var array<string, string>
         */
        public readonly array $values;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * Whom to look up with Client::patient(): by record number, or by FHIR id; exactly one of them is given.
     * Dumps, casts and json_encode() hide who it is.
     *
     * @example
     * // The banner: the patient of the user's own launch.
     * $request = new PatientRequest(
     *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient,
     *     fields: ['name-family', 'name-given', 'birthDate', 'gender'],
     * );
     * // In a study: is this the right number?
     * $request = new PatientRequest(
     *     user: 'j.doe', source: 'ehr', mrn: '10006579', fields: ['name-family', 'birthDate'],
     *     project: '17', environment: Environment::Production,
     * );
     */
    final class PatientRequest
    {
        /** The application's user for whom this is done. */
        public readonly string $user;
        /** The source's id in the configuration. */
        public readonly string $source;
        /** The patient's medical record number; wants a project. */
        public readonly ?string $mrn;
        /** The patient's FHIR id, such as LaunchContext::$patient. */
        public readonly ?string $patientId;
        /**
         * Names of fields with "demographic" in fields(), at most five.
         *
         * @var list<string>
         */
        public readonly array $fields;
        /** The application's name for the project; empty: the patient of the user's own launch, by patientId. */
        public readonly string $project;
        /** The project's, wanted with a project: data of a source of a lesser environment do not enter it. */
        public readonly ?Environment $environment;
        /** Read with the source's system account instead of the user's own sign-in; in a project only. */
        public readonly bool $system;
        /** Which text the values have. */
        public readonly TextMode $text;

        public function __construct(
            string $user,
            string $source,
            #[\SensitiveParameter] ?string $mrn = null,
            #[\SensitiveParameter] ?string $patientId = null,
            array $fields = [],
            string $project = '',
            ?Environment $environment = null,
            bool $system = false,
            TextMode $text = TextMode::Exact
        ) {}
    }
}

namespace FhirEhr {
    /**
     * What to pull for one study record. Dumps, casts and json_encode() hide its record, MRN, dates and patient.
     *
     * @example
     * $request = new PullRequest(
     *     user: 'j.doe', source: 'ehr', project: '17', environment: Environment::Production,
     *     record: '1004', mrn: '10006579', mapping: file_get_contents('mapping.csv'),
     *     dates: ['visit_date' => '2024-03-01'], offsetDays: 30,
     * );
     */
    final class PullRequest
    {
        /** The application's user for whom this is done. */
        public readonly string $user;
        /** The source's id in the configuration. */
        public readonly string $source;
        /** The application's name for the project. */
        public readonly string $project;
        /** The project's: data of a source of a lesser environment do not enter it. */
        public readonly Environment $environment;
        /** The study record. */
        public readonly string $record;
        /** The patient's medical record number. */
        public readonly string $mrn;
        /** The mapping as CSV, as Client::checkMapping() takes it. */
        public readonly string $mapping;
        /**
         * The record's dates by field, "2024-03-01" or "2024-03-01 14:30[:00]"; for a field that has one in
         * each event, an array of them by event.
         *
         * @var array<string, string|array<string, string>>
         */
        public readonly array $dates;
        /** How many days around the dates values count. */
        public readonly int $offsetDays;
        /** On which side of the dates. */
        public readonly OffsetDirection $offsetDirection;
        /** Which text the values have. */
        public readonly TextMode $text;
        /** Read with the source's system account instead of the user's own sign-in. */
        public readonly bool $system;
        /** The patient of the EHR's chart, when the pull is made inside a launch: it must be the same. */
        public readonly ?string $launchPatient;
        /** Whether PullResult::$report names the resources that gave no row, by id. */
        public readonly bool $explain;

        public function __construct(
            string $user,
            string $source,
            string $project,
            Environment $environment,
            #[\SensitiveParameter] string $record,
            #[\SensitiveParameter] string $mrn,
            string $mapping,
            #[\SensitiveParameter] array $dates = [],
            int $offsetDays = 7,
            OffsetDirection $offsetDirection = OffsetDirection::Both,
            TextMode $text = TextMode::Exact,
            bool $system = false,
            #[\SensitiveParameter] ?string $launchPatient = null,
            bool $explain = false
        ) {}
    }
}

namespace FhirEhr {
    /**
     * What a pull brought; it is staged. Dumps, casts and json_encode() hide the patient and the report.
     */
    final class PullResult
    {
        /** Names the pull. */
        public readonly string $pullId;
        /** The patient's FHIR id. */
        public readonly string $patientId;
        /**
         * The rows, as they stand in the staging.
         *
         * @var list<StagedRow>
         */
        public readonly array $rows;
        /**
         * What came and what did not: "resources" by type, whose "status" is complete, partial, denied, skipped or
         * failed; the fields left out because the record has no date for them; why the rules marked no value of a field, or
         * left some of its values out; what was not as it should be.
         *
         * @var array{
         *     resources: array<string, array{status: string, requests: int, received: int, reason?: string, ...}>,
         *     without_date: list<string>,
         *     merged: bool,
         *     not_preselected: list<array{study_field: string, event: string, field: string, reason: string}>,
         *     warnings: list<string>,
         *     requests: int,
         *     refreshed: bool,
         * }
         */
        public readonly array $report;
        /** Whether everything asked for came. */
        public readonly bool $complete;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /** Where a staged row stands on its way. */
    enum RowState: string
    {
        /** Nobody has decided. */
        case Pending = "pending";
        /** To be saved. */
        case Accepted = "accepted";
        /** Not to be saved. */
        case Rejected = "rejected";
        /** Given to the application by Client::valuesToSave(); not confirmed yet. */
        case HandedOut = "handed_out";
        /** Saved by the application. */
        case Saved = "saved";
    }
}

namespace FhirEhr {
    /**
     * Values handed out together, until the application confirms with Client::confirmSaved() or Client::returnUnsaved().
     */
    final class SaveSet
    {
        /** Names the set; empty when there is nothing to save. */
        public readonly string $saveId;
        /** The study record. */
        public readonly string $record;
        /**
         * The values.
         *
         * @var list<ValueToSave>
         */
        public readonly array $values;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /** Hook: the application's key service, asked for what the configuration writes as "hook:NAME". */
    interface SecretProvider
    {
        /**
         * The secret with this name. Throw when there is none or the service cannot be reached.
         *
         * The text is copied and the copy is overwritten after use.
         */
        public function secret(string $name): string;
    }
}

namespace FhirEhr {
    /**
     * A user who is signed in.
     */
    final class SignIn
    {
        /** The application's user. */
        public readonly string $user;
        /** The source. */
        public readonly string $source;
        /** What the EHR said. */
        public readonly LaunchContext $context;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * A FHIR server of the configuration, without its secrets.
     */
    final class Source
    {
        /** Its id in the configuration: what signIn(), pull() and scopes() take. */
        public readonly string $id;
        /** A name for people; the id where the configuration has none. */
        public readonly string $name;
        /** The FHIR base URL, as the EHR sends it in "iss". */
        public readonly string $iss;
        /** Data of a sandbox or test source never enters a production project. */
        public readonly Environment $environment;
        /** "r4" or "dstu2". */
        public readonly string $fhirVersion;
        /** Whose quirks it has: "generic", "smart", "oracle" or "epic". */
        public readonly string $vendor;
        /** Whether it has a system account, so that PullRequest::$system may be true. */
        public readonly bool $systemAccount;
        /**
         * The redirect URIs of the registration for users.
         *
         * @var list<string>
         */
        public readonly array $redirectUris;
        /**
         * Origins of the EHR's pages that may show the application in a frame, for the header
         * Content-Security-Policy: each can be written into it as it is.
         *
         * @var list<string>
         *
         * @example
         * header('Content-Security-Policy: frame-ancestors ' . implode(' ', $source->frameAncestors ?: ["'none'"]));
         */
        public readonly array $frameAncestors;
        /** Where users sign in; null where the configuration stores none, and it is discovered. */
        public readonly ?string $authorizationEndpoint;
        /** Where tokens come from; null where the configuration stores none, and it is discovered. */
        public readonly ?string $tokenEndpoint;
        /**
         * The identifier systems of record numbers, the best first; empty: identifiers typed MR count.
         *
         * @var list<string>
         */
        public readonly array $mrnSystems;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * One pulled value for one place of a study record. Dumps, casts and json_encode() hide the value and whose it is: read the
     * properties.
     */
    final class StagedRow
    {
        /**
         * A stable key. The same value of the same resource for the same study field has the same key. A correction of a
         * decided value has that value's key, a dot and a number.
         */
        public readonly string $key;
        /** The state of the row in the workflow: pending, accepted, rejected, handed_out or saved. */
        public readonly RowState $state;
        /** Whether an earlier value of the same resource was decided and this value differs from it. */
        public readonly bool $changed;
        /** The study record. */
        public readonly string $record;
        /** The event of the study record, or empty. */
        public readonly string $event;
        /** The field of the study record that takes the value. */
        public readonly string $studyField;
        /** The EHR field that the value was read from, such as birthDate or 29463-7. */
        public readonly string $sourceField;
        /**
         * The value as text. It is empty after the value was saved or rejected, except for list entries that are in the
         * study record.
         */
        public readonly string $value;
        /** The time that the EHR gives for the value. */
        public readonly ?string $timestamp;
        /** The code by which the value was found. */
        public readonly ?string $code;
        /** The code system of $code. */
        public readonly ?string $codeSystem;
        /** The display text of $code. */
        public readonly ?string $display;
        /** The unit of a quantity. */
        public readonly ?string $unit;
        /** The type of the FHIR resource. */
        public readonly string $resourceType;
        /** The id of the FHIR resource. */
        public readonly string $resourceId;
        /** The version of the FHIR resource. */
        public readonly ?string $versionId;
        /** Whether the mapping's preselection rules propose this value for acceptance. */
        public readonly bool $preselected;
        /** Whether the study field takes all accepted entries together, one per line. */
        public readonly bool $list;
        /** The position of the row among the rows of the same study field and event. */
        public readonly int $position;
        /** The id of the source from which the value was pulled. */
        public readonly string $source;
        /** The id of the pull that returned the value. */
        public readonly string $pullId;
        /** The time of that pull, in seconds since 1970-01-01 UTC. */
        public readonly int $pulledAt;
        /** The user whose sign-in was used for the pull. */
        public readonly string $pulledBy;
        /** The id of the save set that contains the row. */
        public readonly ?string $saveId;
        /** Identifies the row together with its current value, so that a decision applies to exactly this value. */
        public readonly string $decision;
        /**
         * What the last pull found out about the value in the EHR: current, corrected (a new value waits in a row of its
         * own), gone (no longer in the EHR), not_matching (the resource no longer gives this value for this field) or
         * entered_in_error. It never changes a decision.
         */
        public readonly EhrState $ehrState;
        /**
         * Whether a user requested that the saved value be removed. The next save set then removes it from the study
         * record.
         */
        public readonly bool $removing;
        /** The status of the FHIR resource, such as final or corrected. */
        public readonly ?string $resourceStatus;
        /** The time exactly as the EHR sent it. $timestamp may be converted to the time zone of the source's site. */
        public readonly ?string $timeSent;
        /** The measured value before a unit conversion; null if $value was not converted. */
        public readonly ?string $originalValue;
        /** The unit of $originalValue. */
        public readonly ?string $originalUnit;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * Hook: where sealed records are kept. FhirEhr\PdoStore, which ships with the extension, is one.
     *
     * A store sees ciphertext and the few clear columns it needs to find, expire and lock records. An expired
     * record counts as not there; times are counted by the store's clock. Whatever is thrown here comes out of
     * the Client's method as it is, and the client leaves everything as it was. One exception: new tokens are
     * written again until their lease ends. If that works, what was thrown is dropped; if the tokens are lost, it is the
     * previous exception of an AuthorizationException named grant_lost.
     *
     * Each result is checked: one that cannot be right ends the call with a StoreException named
     * store_inconsistent.
     */
    interface Store
    {
        /** The record, unless it is absent or expired. */
        public function get(string $kind, string $key): ?StoredRecord;

        /**
         * Does the whole batch in one transaction, each part only if its version stands in the store; or
         * nothing of it. A batch may hold records of the kinds "staged_row", "record_binding" and "pulled_row"
         * together: a store that rides in the application's transaction keeps the three in one place.
         *
         * @param list<Write> $batch
         * @return int -1 when done, else the number of the first part that met another version
         */
        public function write(array $batch): int;

        /**
         * The records that match, ordered by key as bytes, after $after, at most $limit; null matches any.
         *
         * @return list<StoredRecord>
         */
        public function scan(
            string $kind,
            string $organization,
            ?string $project,
            ?string $subject,
            ?string $state,
            ?string $after,
            int $limit
        ): array;

        /**
         * Takes a lease, or renews it for the same holder, and gives its fence, which is greater than each before;
         * null while another holder has it.
         */
        public function acquireLease(string $name, string $holder, int $seconds): ?int;

        /** Ends the lease if holder and fence are still its own. */
        public function releaseLease(string $name, string $holder, int $fence): void;

        /** Deletes what has expired and says how many records that were. */
        public function purgeExpired(): int;
    }
}

namespace FhirEhr {
    /**
     * One record as a Store keeps it.
     */
    final class StoredRecord
    {
        /**
         * "pending_launch", "grant", "user_link", "index_key", "staged_row", "record_binding" or "pulled_row"; at most 32
         * bytes. Later versions may have more: keep them as they are.
         */
        public readonly string $kind;
        /** Unique within the kind; at most 64 bytes. */
        public readonly string $key;
        /** Whose record it is. */
        public readonly string $organization;
        /** The project, or empty. */
        public readonly string $project;
        /** A keyed hash of what it is about, or empty; at most 64 bytes. */
        public readonly string $subject;
        /** A short word such as "pending", the id of a pull, or empty; at most 64 bytes. */
        public readonly string $state;
        /** Seconds from now, by the store's clock, until it counts as gone; null: it stays. */
        public readonly ?int $expiresIn;
        /** Counted by the store: 1 for a new record, one more at each change. */
        public readonly int $version;
        /** The sealed bytes: ciphertext. */
        public readonly string $sealed;

        public function __construct(
            string $kind,
            string $key,
            string $organization,
            string $project,
            string $subject,
            string $state,
            ?int $expiresIn,
            int $version,
            string $sealed
        ) {}
    }
}

namespace FhirEhr {
    /** Which text a pulled value has. */
    enum TextMode: string
    {
        /** The digits the server sent; times as sent. */
        case Exact = "exact";
        /** What an application with PHP floats of 14 digits has stored until now, times in minutes. */
        case Php14 = "php14";
    }
}

namespace FhirEhr {
    /**
     * One value for one place of the study record. Dumps, casts and json_encode() hide the value: read the properties.
     */
    final class ValueToSave
    {
        /** The event, or empty. */
        public readonly string $event;
        /** The field of the study record. */
        public readonly string $studyField;
        /** The text to write there. */
        public readonly string $value;
        /** The unit of the value, for a single value that has one. */
        public readonly ?string $unit;
        /** When it was true, for a single value. */
        public readonly ?string $timestamp;
        /**
         * The keys of the rows it comes from.
         *
         * @var list<string>
         */
        public readonly array $keys;

        private function __construct() {}
    }
}

namespace FhirEhr {
    /**
     * One part of a batch of Store::write().
     */
    final class Write
    {
        /** The record's kind. */
        public readonly string $kind;
        /** The record's key. */
        public readonly string $key;
        /** The version that must stand in the store; 0: there must be no live record. The store then keeps it plus one. */
        public readonly int $expected;
        /** What to write; null deletes. Its own version is not looked at. */
        public readonly ?StoredRecord $record;

        public function __construct(string $kind, string $key, int $expected, ?StoredRecord $record) {}
    }
}
