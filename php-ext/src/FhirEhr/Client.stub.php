<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The entry point of the extension: launch and sign-in, pull, review, save, and the administrator's checks.
 *
 * Create one client per request. This is cheap: the checked configuration, the TLS roots and the connections live as long as
 * the worker process, one set for each configuration text. The hooks live as long as the client.
 *
 * An exception of a hook comes out of the method as the same object. While a hook runs, its client is busy: a call on it
 * throws an InternalException named "busy".
 *
 * Each method may also throw: StoreException when the store fails or holds invalid data, StagingException when a stored
 * record cannot be decrypted, ConfigurationException when a vault key cannot be read, RequestException when an argument is
 * not valid UTF-8, and InternalException.
 *
 * @strict-properties
 * @not-serializable
 */
final class Client
{
    /**
     * Creates a client for a configuration text that the application keeps, for example in its database. A changed text
     * takes effect with the next client. No worker has to be restarted.
     *
     * @param string $configuration the JSON document (docs/config.schema.json); relative paths in it count from the process's
     *     current folder, so write absolute paths or use fromFile()
     * @param Store|null $store keeps the sealed records; null: the SQLite file that the configuration names
     * @param Access|null $access decides what a user may do; null: each call that needs permission throws an AccessException
     * @param Log|null $log receives events; null: no events
     * @param SecretProvider|null $secretProvider returns the secrets that the configuration writes as "hook:NAME"
     *
     * @throws Exception\ConfigurationException when the document is not valid
     *
     * @example
     * $client = new Client($settings->fhirEhr(), store: new PdoStore($pdo), access: new Rights($user), log: new Psr3Log($logger));
     */
    public function __construct(
        #[\SensitiveParameter] string $configuration,
        ?Store $store = null,
        ?Access $access = null,
        ?Log $log = null,
        ?SecretProvider $secretProvider = null
    ) {}

    /**
     * Creates a client for a configuration file. Relative paths in it count from the file's folder. Each call reads the file,
     * so a change needs no restart.
     *
     * @param string $path the configuration file; the other parameters are those of the constructor
     *
     * @throws Exception\ConfigurationException when the file cannot be read or the document is not valid
     *
     * @example
     * $client = Client::fromFile('/etc/study/fhir_ehr.json', access: new Rights($user));
     */
    public static function fromFile(
        string $path,
        ?Store $store = null,
        ?Access $access = null,
        ?Log $log = null,
        ?SecretProvider $secretProvider = null
    ): Client {}

    /**
     * Handles a request to the launch address: a launch from the EHR, or the return from the authorization server.
     *
     * @param string $query the query string of the request, unchanged
     * @param string $session a secret text that identifies the browser's session, such as session_id() after session_start()
     * @param string|null $redirectUri a registered redirect URI: a constant of the application, never taken from the request;
     *     null: the first registered one for the environment of the source
     * @param string|null $organization the organization that the launch address names; null: it names none
     *
     * @throws Exception\AuthorizationException when the state is unknown, was used before, has expired or belongs to another
     *     session; when the user or the EHR denied access; when the EHR rejects the code; when the EHR user is linked to a
     *     different user than the one who started the sign-in ("ehr_user_of_another")
     * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration; when the EHR
     *     belongs to another organization ("source_of_other_organization")
     * @throws Exception\ConnectionException when discovery or the token endpoint fails
     * @throws Exception\AccessException when Access does not allow Action::Launch
     * @throws Exception\RequestException when $session is empty
     *
     * @example
     * $result = $client->handleLaunch($_SERVER['QUERY_STRING'], session_id(), 'https://app.example/ehr.php');
     * match ($result->kind) {
     *     LaunchResultKind::Redirect => header("Location: $result->url"),
     *     LaunchResultKind::SignedIn => startSession($result->signIn->user),
     *     LaunchResultKind::LoginRequired => showLogin($_SESSION['handover'] = $result->handover),
     * };
     */
    public function handleLaunch(
        #[\SensitiveParameter] string $query,
        #[\SensitiveParameter] string $session,
        ?string $redirectUri = null,
        ?string $organization = null
    ): LaunchResult {}

    /**
     * Starts a sign-in from the application, for a user who has logged in there.
     *
     * @param string $source the id of the source
     * @param string $user the application's user
     * @param string $session as for handleLaunch()
     * @param string|null $redirectUri as for handleLaunch(), to which the browser returns
     *
     * @return string the authorize URL; redirect the browser to it
     *
     * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration
     * @throws Exception\ConnectionException when discovery of the source's endpoints fails
     * @throws Exception\AccessException when Access does not allow Action::Launch
     * @throws Exception\RequestException when $session is empty, and for a source whose authorize_method is "post": use startSignIn()
     *
     * @example
     * header('Location: ' . $client->signIn('ehr', 'j.doe', session_id(), 'https://app.example/ehr.php'));
     */
    public function signIn(
        string $source,
        string $user,
        #[\SensitiveParameter] string $session,
        ?string $redirectUri = null
    ): string {}

    /**
     * Starts a sign-in from the application, as signIn() does, for sources with any authorize_method. The result's kind is Redirect or
     * Form.
     *
     * @param string $source the id of the source
     * @param string $user the application's user
     * @param string $session as for handleLaunch()
     * @param string $redirectUri as for handleLaunch(), to which the browser returns
     *
     * @throws Exception\ConfigurationException when the source or the redirect URI is not in the configuration; when an endpoint
     *     changed since it was approved ("endpoints_changed"); when the source requires PKCE and the EHR does not advertise it
     * @throws Exception\ConnectionException when discovery of the source's endpoints fails
     * @throws Exception\AccessException when Access does not allow Action::Launch
     * @throws Exception\RequestException when $session is empty
     *
     * @example
     * $start = $client->startSignIn('ehr', 'j.doe', session_id(), 'https://app.example/ehr.php');
     * if ($start->kind === LaunchResultKind::Redirect) {
     *     header('Location: ' . $start->url);
     * }
     */
    public function startSignIn(
        string $source,
        string $user,
        #[\SensitiveParameter] string $session,
        string $redirectUri
    ): LaunchResult {}

    /**
     * Completes a launch with LaunchResultKind::LoginRequired after the application's own login. It links the EHR user to the
     * application's user, so that later launches need no login.
     *
     * @param string $handover LaunchResult::$handover; it can be used once
     * @param string $session the session of the launch, as for handleLaunch()
     * @param string $user the application's user who has logged in
     *
     * @throws Exception\AuthorizationException when the hand-over was used before, has expired or belongs to another session;
     *     when the EHR user is linked to another user ("ehr_user_of_another")
     * @throws Exception\ConfigurationException when the source is no longer in the configuration
     * @throws Exception\AccessException when Access does not allow Action::Launch
     * @throws Exception\RequestException when $session or $user is empty
     *
     * @example
     * $signIn = $client->finishLogin($_SESSION['handover'], session_id(), 'j.doe');
     */
    public function finishLogin(
        #[\SensitiveParameter] string $handover,
        #[\SensitiveParameter] string $session,
        string $user
    ): SignIn {}

    /**
     * Says whether the view of a launch is open: whether the application may still show the patient for whom the EHR opened it.
     * The access token is refreshed if it is about to expire, so call this for each page of the view. See LaunchView.
     *
     * @param string $user the user of the request
     * @param string $launchId SignIn::$launchId
     *
     * @throws Exception\ConnectionException when the access token has expired and the token endpoint does not answer; the view is
     *     then neither open nor ended
     * @throws Exception\ConfigurationException when the source is no longer in the configuration
     * @throws Exception\AccessException when Access does not allow Action::Launch
     *
     * @example
     * if (!$client->launchView('j.doe', $_SESSION['launch'])->open) {
     *     exit('The EHR view has ended. Open the application from the EHR again.');
     * }
     */
    public function launchView(string $user, #[\SensitiveParameter] string $launchId): LaunchView {}

    /**
     * Ends the view of a launch, when its user leaves it or signs out of the application. The view of another user stays open.
     *
     * @param string $user the user of the request
     * @param string $launchId SignIn::$launchId
     *
     * @throws Exception\AccessException when Access does not allow Action::Launch
     *
     * @example
     * $client->endLaunchView('j.doe', $_SESSION['launch']);
     */
    public function endLaunchView(string $user, #[\SensitiveParameter] string $launchId): void {}

    /**
     * Signs a user out of a source, when the user asks for it or logs out of the application: removes the user's stored sign-ins
     * there, ends the views and the sign-ins that are under way, and revokes the tokens at the EHR. Other users stay signed in.
     *
     * An EHR that does not answer keeps no sign-in in use. The call waits at most 10 seconds for it; keepAlive() retries the
     * revocation for a week.
     *
     * @param string $user the user of the request
     * @param string $source the id of the source
     *
     * @return list<SignedOutGrant> one for each sign-in that was removed
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     * @throws Exception\AccessException when Access does not allow Action::Launch
     * @throws Exception\RequestException when $user is empty
     *
     * @example
     * foreach ($client->signOut('j.doe', 'ehr') as $grant) {
     *     echo htmlspecialchars($grant->message ?? 'Signed out of the EHR.');
     * }
     */
    public function signOut(string $user, string $source): array {}

    /**
     * Signs another user out of a source, for an administrator. See signOut().
     *
     * @param string $administrator the user of the request
     * @param string $user the user to sign out
     * @param string $source the id of the source
     *
     * @return list<SignedOutGrant> one for each sign-in that was removed
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     * @throws Exception\AccessException when Access does not allow Action::Configure
     * @throws Exception\RequestException when $user is empty
     *
     * @example
     * $client->signOutUser('admin', 'j.doe', 'ehr');
     */
    public function signOutUser(string $administrator, string $user, string $source): array {}

    /**
     * Removes the stored token of a source's system account, for an administrator, and revokes it at the EHR. The next call that
     * needs a token requests another one.
     *
     * @param string $administrator the user of the request
     * @param string $source the id of the source
     *
     * @return list<SignedOutGrant>
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * $client->signOutSystemAccount('admin', 'ehr');
     */
    public function signOutSystemAccount(string $administrator, string $source): array {}

    /**
     * Removes what is stored about the sign-ins of a user who leaves, for an administrator: the sign-ins at all sources, which are
     * revoked, the links from EHR users to the user, and the views. Staged rows and decisions stay.
     *
     * @param string $administrator the user of the request
     * @param string $user the user to remove
     *
     * @throws Exception\AccessException when Access does not allow Action::Configure
     * @throws Exception\RequestException when $user is empty
     *
     * @example
     * echo $client->removeUser('admin', 'j.doe')->links, ' links were removed.';
     */
    public function removeUser(string $administrator, string $user): UserRemoval {}

    /**
     * Lists the stored sign-ins, one page of them: who is signed in at which source, until when, and who must act. The list has no
     * token and no id of a patient. Nothing is sent.
     *
     * @param string $administrator the user of the request
     * @param string|null $after GrantPage::$next of the page before; null for the first page
     * @param int $limit the most sign-ins of the page, from 1 to 1,000
     *
     * @throws Exception\AccessException when Access does not allow Action::Configure
     * @throws Exception\RequestException when $limit or $after is not valid
     *
     * @example
     * foreach ($client->grants('admin')->grants as $grant) {
     *     echo htmlspecialchars("$grant->user at $grant->source: $grant->status. $grant->advice"), "\n";
     * }
     */
    public function grants(string $administrator, ?string $after = null, int $limit = 1000): GrantPage {}

    /**
     * Asks the EHR about the stored tokens of a user at a source (RFC 7662), for an administrator.
     *
     * @param string $administrator the user of the request
     * @param string|null $user the user; null for the system account
     * @param string $source the id of the source
     *
     * @return list<Introspection>
     *
     * @throws Exception\AuthorizationException when the user has no sign-in there ("grant_not_found"), or the EHR gives no information
     *     ("introspection_not_supported", "introspection_failed")
     * @throws Exception\ConfigurationException when the source is not in the configuration, or the EHR does not accept the client
     * @throws Exception\ConnectionException when the EHR does not answer
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * foreach ($client->introspect('admin', 'j.doe', 'ehr') as $token) {
     *     echo $token->token, $token->active ? ' is active' : ' is not active', "\n";
     * }
     */
    public function introspect(string $administrator, ?string $user, string $source): array {}

    /**
     * Refreshes the offline sign-ins that no one has used for `keep_alive_days` of their source, so that the EHR does not end them,
     * and retries the revocations of earlier sign-outs that failed. Call it once a day, such as from cron.
     *
     * @param string $administrator the user of the job
     *
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * foreach ($client->keepAlive('admin')->grants as $grant) {
     *     echo "$grant->user at $grant->source: $grant->outcome. $grant->message\n";
     * }
     */
    public function keepAlive(string $administrator): KeepAliveResult {}

    /**
     * Hands a launch with an open view off to another application: returns the URL to redirect the browser to. It contains a
     * handle that the other application redeems with redeemHandoff(), once and within `handoff_seconds`.
     *
     * @param string $user the user of the request
     * @param string $launchId SignIn::$launchId
     * @param string $url one of `handoff_urls` of the configuration, exactly as it is written there
     *
     * @throws Exception\ConfigurationException when the URL is not in the configuration
     * @throws Exception\AuthorizationException when the view has ended
     * @throws Exception\AccessException when Access does not allow Action::Launch
     *
     * @example
     * header('Location: ' . $client->createHandoff('j.doe', $signIn->launchId, 'https://study.example/start.php'));
     */
    public function createHandoff(string $user, #[\SensitiveParameter] string $launchId, string $url): string {}

    /**
     * Redeems the handle of a handoff for the user and the launch context.
     *
     * @param string $handle the value of the parameter `handoff`; it can be used once
     * @param string $secret the secret of the application that redeems, as it sent it
     *
     * @throws Exception\AuthorizationException when the handle is unknown, was used before or has expired; when the secret is not
     *     the one of the handle's URL ("handoff_foreign"); when the view has ended
     * @throws Exception\ConfigurationException when the URL is no longer in the configuration
     * @throws Exception\AccessException when Access does not allow Action::Launch for the user of the launch
     *
     * @example
     * $signIn = $client->redeemHandoff($_POST['handoff'], $secret);
     */
    public function redeemHandoff(
        #[\SensitiveParameter] string $handle,
        #[\SensitiveParameter] string $secret
    ): SignIn {}

    /**
     * Checks a mapping before it is used in a project.
     *
     * @param string $csv the mapping as CSV
     *
     * @return list<string> warnings: sentences about lines that are accepted although they are not written as documented
     *
     * @throws Exception\MappingException when the mapping is not valid: the message names the line, getHint() the correction
     * @throws Exception\AccessException when Access does not allow Action::Map
     *
     * @example
     * foreach ($client->checkMapping('j.doe', '17', $csv) as $warning) {
     *     echo htmlspecialchars($warning), "<br>\n";
     * }
     */
    public function checkMapping(string $user, string $project, string $csv): array {}

    /**
     * Returns whether data of a source may be used in a project of this environment. A production project accepts data only
     * from a production source. A sandbox or test project accepts data from any source.
     *
     * Call it before you offer a project for a patient of the source, and again before you write into the project. patient()
     * and pull() enforce the same rule with a ConfigurationException named "environment_mismatch". It does not ask Access and
     * uses neither the store nor the network.
     *
     * @param string $source the id of the source
     * @param Environment $environment the environment of the project
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     *
     * @example
     * $open = array_filter($projects, fn ($project) => $client->sourceMayServe($signIn->source, $project->environment));
     */
    public function sourceMayServe(string $source, Environment $environment): bool {}

    /**
     * Pulls the values of a patient and stages them. The report of the result says what is missing and why. When the method
     * throws, nothing was staged.
     *
     * It never changes a decided value. When the EHR has a new value, that one waits in a row of its own with
     * StagedRow::$changed, and the decided row gets EhrState::Corrected.
     *
     * @throws Exception\AuthorizationException when the user has to sign in or to sign in again
     * @throws Exception\PatientException when no patient or several patients have the MRN; when the EHR returns a different
     *     patient than requested
     * @throws Exception\ConnectionException when the EHR cannot be reached
     * @throws Exception\TimeoutException when the EHR does not answer in time
     * @throws Exception\FhirException when the EHR denies or fails the search for the patient
     * @throws Exception\MappingException when the mapping is not valid
     * @throws Exception\RequestException when the request is not valid or the result exceeds a limit
     * @throws Exception\ConfigurationException when the source is unknown or its data may not be used in the project
     * @throws Exception\AccessException when Access does not allow Action::Pull
     * @throws Exception\StagingException when the record belongs to another patient ("record_bound") or holds values of two
     *     patients ("record_mixed"): see clearPending()
     * @throws Exception\StoreException when the rows cannot be staged
     *
     * @example
     * $pulled = $client->pull(new PullRequest(
     *     user: 'j.doe', source: 'ehr', project: '17', environment: Environment::Production,
     *     record: '1004', mrn: '10006579', mapping: $csv,
     * ));
     */
    public function pull(PullRequest $request): PullResult {}

    /**
     * Reads one patient: the MRNs and up to five demographic fields, for a patient banner or to find the study record. It
     * stores nothing.
     *
     * With a project it asks Access for Action::Pull in that project. With a patientId and no project it asks for
     * Action::Launch.
     *
     * @throws Exception\AuthorizationException when the user has to sign in or to sign in again
     * @throws Exception\PatientException when no patient or several patients have the MRN; when the EHR returns a different
     *     patient than requested
     * @throws Exception\ConnectionException when the EHR cannot be reached
     * @throws Exception\TimeoutException when the EHR does not answer in time
     * @throws Exception\FhirException when the EHR denies or fails the request, or has no patient with this id
     * @throws Exception\RequestException when not exactly one of mrn and patientId is given; when an mrn or the system account
     *     is used without a project and its environment; when a field is not demographic or there are more than five
     * @throws Exception\ConfigurationException when the source is unknown or its data may not be used in the project
     * @throws Exception\AccessException when Access does not allow the action
     *
     * @example
     * $patient = $client->patient(new PatientRequest(
     *     user: 'j.doe', source: 'ehr', patientId: $signIn->context->patient, fields: ['name-family', 'birthDate'],
     * ));
     * echo htmlspecialchars($patient->values['name-family'] ?? '?'), ' ', $records->withMrn($patient->mrns);
     */
    public function patient(PatientRequest $request): Patient {}

    /**
     * Returns the rows that wait for a decision or for being saved, in display order.
     *
     * @param string|null $record one study record; null: all records of the project
     *
     * @return list<StagedRow>
     *
     * @throws Exception\StagingException when the key of a row is missing; when the record holds values of two patients
     *     ("record_mixed") or a damaged row ("row_damaged"). Without $record, such records are left out and logged
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
     *
     * @example
     * foreach ($client->staged('j.doe', '17', '1004') as $row) {
     *     echo htmlspecialchars("$row->studyField: $row->value"), "<br>\n";
     * }
     */
    public function staged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): array {}

    /**
     * Records a user's decisions on rows of a record: all of them, or none when it throws. Other rows stay as they are.
     *
     * Identify rows by StagedRow::$decision. Then a value that a pull has corrected since the page was shown is not decided by
     * accident. StagedRow::$key identifies the row with whatever value it has now.
     *
     * @param string[] $accept the rows to save
     * @param string[] $reject the rows not to save
     *
     * @return int the number of decisions
     *
     * @throws Exception\StagingException when an entry identifies no waiting row ("row_not_found"); when two accepted values
     *     belong to one study field ("adjudication_ambiguous"); when the value was corrected or another user decided in the
     *     meantime ("row_conflict"). Nothing was changed
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
     *
     * @example
     * $client->adjudicate('j.doe', '17', '1004', accept: $_POST['accept'] ?? [], reject: $_POST['reject'] ?? []);
     */
    public function adjudicate(
        string $user,
        string $project,
        #[\SensitiveParameter] string $record,
        array $accept = [],
        array $reject = []
    ): int {}

    /**
     * The ids of the sources that have the chart of the record's patient, in the order in which they were first used. Empty for a
     * record without a patient: then the user chooses one of the project's sources.
     *
     * @return list<string>
     *
     * @throws Exception\StagingException when the record's binding to its patient cannot be decrypted ("row_damaged")
     * @throws Exception\AccessException when Access does not allow Action::Pull
     *
     * @example
     * $sources = $client->recordSources('j.doe', '17', '1004') ?: $project->sources;
     */
    public function recordSources(string $user, string $project, #[\SensitiveParameter] string $record): array {}

    /**
     * Returns the rows of a record that were saved or rejected, in the order of staged(). Their values are erased, except list
     * entries that are in the record. StagedRow::$ehrState says what the last pull found out about each value. A row that
     * removeSaved() marked is returned by staged() until the removal is saved.
     *
     * @return list<StagedRow>
     *
     * @throws Exception\StagingException as staged() with a record
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
     *
     * @example
     * $gone = array_filter($client->decided('j.doe', '17', '1004'), fn ($row) => $row->ehrState === EhrState::Gone);
     */
    public function decided(string $user, string $project, #[\SensitiveParameter] string $record): array {}

    /**
     * Marks saved values for removal from the study record, such as list entries that are no longer in the EHR. The next
     * valuesToSave() returns the list without the entry, or an empty single value. After confirmSaved() these rows count as
     * rejected and do not come back as new. Until valuesToSave(), reopen() undoes the removal.
     *
     * @param string[] $keys StagedRow::$decision or StagedRow::$key of saved rows from decided()
     *
     * @return int the number of marked rows
     *
     * @throws Exception\StagingException when a key identifies no saved row or the record holds a later version of the value
     *     ("row_not_found"); when another value is accepted for the same study field ("adjudication_ambiguous"); when another
     *     user changed the row in the meantime ("row_conflict"). Nothing was changed
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
     *
     * @example
     * $gone = array_filter($client->decided('j.doe', '17', '1004'), fn ($row) => $row->list && $row->ehrState === EhrState::Gone);
     * $client->removeSaved('j.doe', '17', '1004', array_column($gone, 'decision'));
     */
    public function removeSaved(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

    /**
     * Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected. If no value of the record is
     * saved or waits to be saved, the next pull may be for another patient. If the record holds values of two patients
     * ("record_mixed"), it also deletes accepted values that valuesToSave() has not returned yet.
     *
     * @return int the number of deleted rows
     *
     * @throws Exception\StagingException when other processes keep changing the record; nothing was changed
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
     *
     * @example
     * $client->clearPending('j.doe', '17', '1004'); // in the transaction that changes the MRN of the record
     */
    public function clearPending(string $user, string $project, #[\SensitiveParameter] string $record): int {}

    /**
     * Deletes damaged rows: rows that cannot be decrypted although their key is in the key ring, because they were changed or
     * moved in the store. Until then, no call reads or pulls into the record of such a row ("row_damaged"). The next pull
     * returns the values as new ones. A decision that was recorded in a deleted row is lost.
     *
     * @param string|null $record one study record; null: all records of the project
     *
     * @return int the number of deleted rows
     *
     * @throws Exception\StagingException when the key of a damaged row decrypts no other row of the project, so that the key
     *     may be wrong; nothing was deleted
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
     *
     * @example
     * echo $client->removeDamaged('j.doe', '17', '1004'), " damaged rows were deleted. Pull the record again.\n";
     */
    public function removeDamaged(string $user, string $project, #[\SensitiveParameter] ?string $record = null): int {}

    /**
     * Undoes acceptances: the rows wait for a decision again. It also undoes removals of removeSaved().
     *
     * @param string[] $keys StagedRow::$decision or StagedRow::$key of accepted rows, or of rows marked for removal
     *
     * @return int the number of changed rows
     *
     * @throws Exception\StagingException when a key identifies no such row, or when another user changed the row in the
     *     meantime; nothing was changed
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
     *
     * @example
     * $client->reopen('j.doe', '17', '1004', [$row->key]);
     */
    public function reopen(string $user, string $project, #[\SensitiveParameter] string $record, array $keys): int {}

    /**
     * Returns the accepted values of a record for saving. Each value is in one set only, until returnUnsaved().
     * Save the values, then call confirmSaved(); if saving failed, call returnUnsaved(). A list is one value with all accepted
     * entries. A value that is to be removed is the empty text: write that, too.
     *
     * @throws Exception\StagingException when another process requests the values at the same moment ("row_conflict")
     * @throws Exception\AccessException when Access does not allow Action::Adjudicate
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
     * Confirms that the application has saved a set. The values are erased in the store and do not come back as new.
     *
     * @param string $saveId SaveSet::$saveId; the empty id of a set without values is accepted
     *
     * @return int the number of rows in the set
     *
     * @throws Exception\StagingException when there is no such set ("save_not_found")
     *
     * @example
     * $client->confirmSaved('17', '1004', $set->saveId);
     */
    public function confirmSaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

    /**
     * Returns a set that the application could not save. The next valuesToSave() contains its values again.
     *
     * @param string $saveId SaveSet::$saveId; the empty id of a set without values is accepted
     *
     * @return int the number of rows in the set
     *
     * @throws Exception\StagingException when there is no such set ("save_not_found")
     *
     * @example
     * try {
     *     $study->save($set->values);
     * } catch (StudyLocked) {
     *     $client->returnUnsaved('17', '1004', $set->saveId);
     * }
     */
    public function returnUnsaved(string $project, #[\SensitiveParameter] string $record, string $saveId): int {}

    /**
     * Deletes expired records from the store. Run it in a daily job.
     *
     * @return int the number of deleted records
     *
     * @throws Exception\StoreException when the store cannot be reached
     *
     * @example
     * echo $client->purgeExpired(), " expired records were deleted\n";
     */
    public function purgeExpired(): int {}

    /**
     * Returns the scopes that the library requests from a source, for the registration in the vendor's console.
     *
     * @return array{launch: list<string>, standalone: list<string>, system: list<string>}
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     *
     * @example
     * echo implode(' ', $client->scopes('ehr')['launch']);
     */
    public function scopes(string $source): array {}

    /**
     * Returns the sources of the configuration, in its order, without secrets. It uses neither the store nor the network.
     *
     * @return list<Source>
     *
     * @example
     * foreach ($client->sources() as $source) {
     *     echo htmlspecialchars("$source->name ($source->iss)"), "<br>\n";
     * }
     */
    public function sources(): array {}

    /**
     * Discovers the endpoints and the FHIR version of a server, for an administrator who writes its configuration. The server
     * need not be in the configuration.
     *
     * The TLS settings and the limits of the configuration apply. It does not use the store.
     *
     * @param string $user the administrator
     * @param string $iss the FHIR base URL that the administrator has typed, never one from a launch: https, or http on the
     *     loopback interface
     *
     * @throws Exception\ConfigurationException when the address is not allowed; nothing was sent
     * @throws Exception\ConnectionException when the server cannot be reached or publishes no endpoints
     * @throws Exception\TimeoutException when the server does not answer in time
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * $found = $client->discover('admin', 'https://fhir.example.org/r4');
     * echo htmlspecialchars("$found->fhirVersion, token endpoint $found->tokenEndpoint");
     */
    public function discover(string $user, string $iss): Discovery {}

    /**
     * Lists the launches of the last days (`launch_log_days`), the newest first, at most 1,000: what arrived in each, and the
     * errors of those that failed.
     *
     * @param string $user the administrator
     *
     * @return list<LaunchLogEntry>
     *
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * foreach ($client->launches('admin') as $launch) {
     *     echo date('c', $launch->at), " $launch->source: ", $launch->error ?? ($launch->patient ? 'patient' : 'no patient'), "\n";
     * }
     */
    public function launches(string $user): array {}

    /**
     * Lists the links from EHR users to users of the application, by source and application user. A launch of a linked EHR user needs
     * no login. The EHR wrote some of the texts: escape them before you show them.
     *
     * @param string $user the administrator
     *
     * @return list<UserLink>
     *
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * foreach ($client->links('admin') as $link) {
     *     echo htmlspecialchars("$link->source: $link->ehrUser is $link->applicationUser"), "<br>\n";
     * }
     */
    public function links(string $user): array {}

    /**
     * Removes a user link. The next launch of its EHR user asks for the application's login, and links the EHR user to whoever logs
     * in. The grants of the application's user and open views are kept.
     *
     * @param string $user the administrator
     * @param string $id UserLink::$id
     *
     * @throws Exception\RequestException when there is no such link ("user_link_not_found")
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * foreach ($client->links('admin') as $link) {
     *     if ($link->applicationUser === 'a.former.user') {
     *         $client->unlink('admin', $link->id);
     *     }
     * }
     */
    public function unlink(string $user, string $id): void {}

    /**
     * Requests the endpoints that a source publishes now, and stores them as approved. From then on, a launch or a token request fails
     * with "endpoints_changed" when the server publishes another endpoint, and nothing is sent there. Call it again after your EHR
     * team has confirmed a change.
     *
     * @param string $user the administrator
     * @param string $source the id of the source
     *
     * @return array<string, string> the approved endpoints by their names in the configuration, such as "token_endpoint". They come from
     *     the server: escape them before you show them
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     * @throws Exception\ConnectionException when the server cannot be reached or publishes no endpoints
     * @throws Exception\TimeoutException when the server does not answer in time
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * foreach ($client->approveEndpoints('admin', 'ehr') as $name => $endpoint) {
     *     echo htmlspecialchars("$name: $endpoint"), "<br>\n";
     * }
     */
    public function approveEndpoints(string $user, string $source): array {}

    /**
     * What a person copies into the vendor's console to register the application for a source: URLs, scopes and the type of the
     * application. No request is sent.
     *
     * @param string $source the id of the source
     * @param string $launchUrl the URL at which the EHR opens the application
     * @param string|null $jwksUrl the URL at which the application publishes its public keys, if it has one
     *
     * @return array{source: string, vendor: string, environment: string, entries: list<array{name: string, label: string, values:
     *     list<string>}>, notes: list<string>, warnings: list<string>} notes are about this vendor, warnings about unusual scopes
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration, or an address is not allowed
     *
     * @example
     * $sheet = $client->registrationSheet('ehr', 'https://app.example/ehr.php');
     * foreach ($sheet['entries'] as $entry) {
     *     echo htmlspecialchars($entry['label'] . ': ' . implode(' ', $entry['values'])), "<br>\n";
     * }
     */
    public function registrationSheet(string $source, string $launchUrl, ?string $jwksUrl = null): array {}

    /**
     * The fewest scopes with which a mapping can be pulled from a source, and what the scopes of the source do not cover. No request is
     * sent.
     *
     * @param string $source the id of the source
     * @param string $mapping the mapping as CSV
     *
     * @return array{source: string, resource_types: list<string>, scopes_launch: list<string>, scopes_standalone: list<string>,
     *     scopes_system: list<string>, not_covered: list<string>, partly_covered: list<string>, unused: list<string>, warnings:
     *     list<string>}
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     * @throws Exception\MappingException when the mapping is not valid
     *
     * @example
     * foreach ($client->minimumScopes('ehr', $csv)['warnings'] as $warning) {
     *     echo htmlspecialchars($warning), "<br>\n";
     * }
     */
    public function minimumScopes(string $source, string $mapping): array {}

    /**
     * Checks whether a source works as configured. The steps are: base URL and FHIR version, endpoints, client id and secret of
     * the registration for users, system account, redirect URIs, names of resource types, secrets, vault keys, CA file, store.
     *
     * A failed step throws nothing, and the other steps still run. It reads no patient. It writes a test record to the store
     * and deletes it. It may take some seconds.
     *
     * @param string $user the administrator
     * @param string $source the id of the source
     * @param bool $tryWrongSecret whether to send a wrong client secret to a production source, to compare the answers; the EHR
     *     may count this as a failed login. Sources of other environments are always tested with it
     *
     * @return list<CheckStep>
     *
     * @throws Exception\ConfigurationException when the source is not in the configuration
     * @throws Exception\AccessException when Access does not allow Action::Configure
     *
     * @example
     * foreach ($client->checkSource('admin', 'ehr') as $step) {
     *     echo htmlspecialchars("$step->name: $step->status: $step->text $step->hint"), "<br>\n";
     * }
     */
    public function checkSource(string $user, string $source, bool $tryWrongSecret = false): array {}

    /**
     * Returns the JWKS document of a key ring, to serve at the URL that is registered at the EHRs, without a login. It contains
     * public keys only: the current key, and the next and retired ones. It asks no access hook, and uses neither the store nor the
     * network.
     *
     * @param string $keyRing the name of the key ring in the configuration
     *
     * @throws Exception\RequestException when the configuration has no such key ring
     * @throws Exception\ConfigurationException when a key cannot be read or used
     *
     * @example
     * $jwks = $client->jwks('main');
     * header('Content-Type: application/json');
     * header("Cache-Control: $jwks->cacheControl");
     * echo $jwks->json;
     */
    public function jwks(string $keyRing): JwksDocument {}
}
