/* The hooks for access, events and secrets. */

#include "host.h"
#include "value.h"

struct allows {
	const char *user, *project;
	size_t user_length, project_length;
	uint32_t action;
};

static int32_t ask_allows(fe_client *client, void *data)
{
	static const char *const actions[] = {"", "launch", "map", "pull", "adjudicate", "configure"};
	const struct allows *asked = data;
	zval arguments[3], answer;
	bool may;

	/* What only a newer library knows is not allowed, as its header wants it. */
	if (asked->action == 0 || asked->action >= FE_COUNT(actions)) {
		return FHIR_EHR_HOOK_NO;
	}
	if (!fe_enum(&arguments[2], fe_Action_ce, actions[asked->action], strlen(actions[asked->action]))) {
		return FE_HOOK_FAILED;
	}
	ZVAL_STRINGL(&arguments[0], asked->user, asked->user_length);
	ZVAL_STRINGL(&arguments[1], asked->project, asked->project_length);
	if (!fe_call(&client->access, "allows", 3, arguments, &answer)) {
		return FE_HOOK_FAILED;
	}
	may = Z_TYPE(answer) == IS_TRUE;
	zval_ptr_dtor(&answer);
	return may ? FHIR_EHR_HOOK_DONE : FHIR_EHR_HOOK_NO;
}

static int32_t allows(void *user_data, const char *user, size_t user_length, const char *project,
	size_t project_length, uint32_t action)
{
	struct allows asked = {user, project, user_length, project_length, action};

	return fe_hook(user_data, ask_allows, &asked);
}

struct event {
	uint32_t level;
	const char *name, *fields;
	size_t name_length, fields_length;
};

static int32_t tell_event(fe_client *client, void *data)
{
	const struct event *told = data;
	const char *level = told->level == FHIR_EHR_LEVEL_INFO ? "info"
		: told->level == FHIR_EHR_LEVEL_WARNING ? "warning" : "error";
	zval arguments[3], answer;

	if (!fe_document(&arguments[2], told->fields, told->fields_length)) {
		return FE_HOOK_FAILED;
	}
	if (!fe_enum(&arguments[0], fe_Level_ce, level, strlen(level))) {
		zval_ptr_dtor(&arguments[2]);
		return FE_HOOK_FAILED;
	}
	ZVAL_STRINGL(&arguments[1], told->name, told->name_length);
	if (!fe_call(&client->log, "event", 3, arguments, &answer)) {
		return FE_HOOK_FAILED;
	}
	zval_ptr_dtor(&answer);
	return FHIR_EHR_HOOK_DONE;
}

static int32_t event(void *user_data, uint32_t level, const char *name, size_t name_length, const char *fields,
	size_t fields_length)
{
	struct event told = {level, name, fields, name_length, fields_length};

	return fe_hook(user_data, tell_event, &told);
}

struct secret_request {
	const char *name;
	size_t name_length;
	struct fhir_ehr_sink *sink;
};

static int32_t ask_secret(fe_client *client, void *data)
{
	const struct secret_request *asked = data;
	zval argument, answer;

	ZVAL_STRINGL(&argument, asked->name, asked->name_length);
	if (!fe_call(&client->secret_provider, "secret", 1, &argument, &answer)) {
		return FE_HOOK_FAILED;
	}
	fhir_ehr_sink_write(asked->sink, (const uint8_t *) Z_STRVAL(answer), Z_STRLEN(answer));
	zval_ptr_dtor(&answer);
	return FHIR_EHR_HOOK_DONE;
}

static int32_t secret(void *user_data, const char *name, size_t name_length, struct fhir_ehr_sink *sink)
{
	struct secret_request asked = {name, name_length, sink};

	return fe_hook(user_data, ask_secret, &asked);
}

struct fhir_ehr_access fe_access_hooks(fe_client *client)
{
	return (struct fhir_ehr_access) {
		.struct_size = sizeof(struct fhir_ehr_access), .user_data = client, .allows = allows,
	};
}

struct fhir_ehr_log fe_log_hooks(fe_client *client)
{
	return (struct fhir_ehr_log) {
		.struct_size = sizeof(struct fhir_ehr_log), .user_data = client, .event = event,
	};
}

struct fhir_ehr_secret_provider fe_secret_provider_hooks(fe_client *client)
{
	return (struct fhir_ehr_secret_provider) {
		.struct_size = sizeof(struct fhir_ehr_secret_provider), .user_data = client, .secret = secret,
	};
}
