#include "../value.h"
#include "../answer.h"
#include "../error.h"
#include "StagedRow_arginfo.h"

zend_class_entry *fe_StagedRow_ce;

void fe_register_StagedRow(void)
{
	fe_StagedRow_ce = register_class_FhirEhr_StagedRow();
	fe_value_class(fe_StagedRow_ce, true);
}

/* Private: only the extension makes one. */
ZEND_METHOD(FhirEhr_StagedRow, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

/* How each property is read, in the order of the stub, which is that of FHIR_EHR_ROW_...: a text, a text or
 * null, a truth, a number, the row's state, the EHR's state. */
static const char kinds[] = "s" "e" "b" "sssss" "?????" "ss" "?" "bb" "i" "ss" "i" "s" "?" "s" "h" "b" "????";

static void member(zval *slot, char kind, const char *data, size_t length, const zval *before)
{
	/* Rows of one pull have much in common: one string serves them all. */
	if (data != NULL && before != NULL && Z_TYPE_P(before) == IS_STRING && Z_STRLEN_P(before) == length
		&& memcmp(Z_STRVAL_P(before), data, length) == 0) {
		ZVAL_COPY(slot, before);
	} else if (kind == 'b') {
		ZVAL_BOOL(slot, data != NULL && strcmp(data, "true") == 0);
	} else if (kind == 'i') {
		ZVAL_LONG(slot, data == NULL ? 0 : ZEND_STRTOL(data, NULL, 10));
	} else if (kind == 'e') {
		fe_enum(slot, fe_RowState_ce, data, length);
	} else if (kind == 'h') {
		fe_enum(slot, fe_EhrState_ce, data, length);
	} else if (data == NULL && kind == '?') {
		ZVAL_NULL(slot);
	} else {
		ZVAL_STR(slot, zend_string_init_fast(data, length));
	}
}

static void row(zval *target, const struct fhir_ehr_rows *rows, size_t index, const zval *before)
{
	const char *data;
	size_t length;
	zend_object *object;

	object_init_ex(target, fe_StagedRow_ce);
	object = Z_OBJ_P(target);
	for (uint32_t i = 0; i < sizeof(kinds) - 1 && !EG(exception); i++) {
		data = NULL;
		length = 0;
		fhir_ehr_rows_get(rows, index, i + 1, &data, &length, NULL);
		member(fe_slot(object, i), kinds[i], data, length,
			before == NULL ? NULL : OBJ_PROP_NUM(Z_OBJ_P(before), i));
	}
}

/* What the rows will take in PHP, strings that they share not counted. */
static size_t bytes_of(const struct fhir_ehr_rows *rows, size_t count)
{
	size_t bytes = count * (sizeof(zval) + sizeof(zend_object) + sizeof(kinds) * sizeof(zval)), length;
	const char *data;

	for (size_t i = 0; i < count; i++) {
		fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_KEY, &data, &length, NULL);
		bytes += ZEND_MM_ALIGNED_SIZE(_ZSTR_STRUCT_SIZE(length));
		fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_VALUE, &data, &length, NULL);
		bytes += ZEND_MM_ALIGNED_SIZE(_ZSTR_STRUCT_SIZE(length));
	}
	return bytes;
}

void fe_staged_rows(zval *target, const struct fhir_ehr_rows *rows)
{
	size_t count = fhir_ehr_rows_count(rows);
	zval one, *before = NULL;

	ZVAL_NULL(target);
	if (!fe_has_room(bytes_of(rows, count))) {
		return;
	}
	array_init_size(target, (uint32_t) count);
	for (size_t i = 0; i < count && !EG(exception); i++) {
		row(&one, rows, i, before);
		before = zend_hash_next_index_insert(Z_ARRVAL_P(target), &one);
	}
}

void fe_answer_rows(const fe_asked *asked, zval *return_value)
{
	fe_staged_rows(return_value, asked->rows);
}
