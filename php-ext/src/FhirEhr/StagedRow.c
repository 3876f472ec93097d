/* FhirEhr\StagedRow: one pulled value, read from the members of a row handle. */

#include "../value.h"
#include "../to_php.h"
#include "../own_error.h"
#include "../row_members.h"
#include "StagedRow_arginfo.h"

zend_class_entry *fe_StagedRow_ce;

void fe_register_StagedRow(void)
{
	fe_StagedRow_ce = register_class_FhirEhr_StagedRow();
	fe_value_class(fe_StagedRow_ce, true);
}

/* Private: only the extension makes an object. */
ZEND_METHOD(FhirEhr_StagedRow, __construct)
{
	ZEND_PARSE_PARAMETERS_NONE();
}

static void read_member(zval *slot, const fe_handle_member *member, const char *data, size_t length, const zval *previous)
{
	/* Rows of one pull have many equal texts: one string serves them all. */
	if (data != NULL && previous != NULL && Z_TYPE_P(previous) == IS_STRING && Z_STRLEN_P(previous) == length
		&& memcmp(Z_STRVAL_P(previous), data, length) == 0) {
		ZVAL_COPY(slot, previous);
		return;
	}
	switch (member->kind) {
		case FE_KIND_BOOL: ZVAL_BOOL(slot, data != NULL && strcmp(data, "true") == 0); break;
		case FE_KIND_INTEGER: ZVAL_LONG(slot, data == NULL ? 0 : ZEND_STRTOL(data, NULL, 10)); break;
		case FE_KIND_ENUM: fe_enum(slot, *member->enum_class, data, length); break;
		case FE_KIND_TEXT:
		case FE_KIND_OPTIONAL_TEXT:
			if (data == NULL && member->kind == FE_KIND_OPTIONAL_TEXT) {
				ZVAL_NULL(slot);
			} else {
				ZVAL_STR(slot, zend_string_init_fast(data, length));
			}
			break;
	}
}

/* The stub is generated from the same table, so that members and properties have the same order. */
static void row_to_php(zval *target, const struct fhir_ehr_rows *rows, size_t index, const zval *previous)
{
	const char *data;
	size_t length;
	zend_object *object;

	object_init_ex(target, fe_StagedRow_ce);
	object = Z_OBJ_P(target);
	for (uint32_t i = 0; i < FE_COUNT(row_members) && !EG(exception); i++) {
		data = NULL;
		length = 0;
		fhir_ehr_rows_get(rows, index, row_members[i].member, &data, &length, NULL);
		read_member(fe_slot(object, i), &row_members[i], data, length,
			previous == NULL ? NULL : OBJ_PROP_NUM(Z_OBJ_P(previous), i));
	}
}

/* An estimate of the memory that the rows take in PHP, without the strings that they share. */
static size_t bytes_of(const struct fhir_ehr_rows *rows, size_t count)
{
	size_t bytes = count * (sizeof(zval) + sizeof(zend_object) + FE_COUNT(row_members) * sizeof(zval)), length;
	const char *data;

	for (size_t i = 0; i < count; i++) {
		fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_KEY, &data, &length, NULL);
		bytes += ZEND_MM_ALIGNED_SIZE(_ZSTR_STRUCT_SIZE(length));
		fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_VALUE, &data, &length, NULL);
		bytes += ZEND_MM_ALIGNED_SIZE(_ZSTR_STRUCT_SIZE(length));
	}
	return bytes;
}

void fe_make_staged_rows(zval *target, const struct fhir_ehr_rows *rows)
{
	size_t count = fhir_ehr_rows_count(rows);
	zval one, *previous = NULL;

	ZVAL_NULL(target);
	if (!fe_fits_memory_limit(bytes_of(rows, count))) {
		return;
	}
	array_init_size(target, (uint32_t) count);
	for (size_t i = 0; i < count && !EG(exception); i++) {
		row_to_php(&one, rows, i, previous);
		previous = zend_hash_next_index_insert(Z_ARRVAL_P(target), &one);
	}
}

void fe_rows_to_php(const fe_call *call, zval *return_value)
{
	fe_make_staged_rows(return_value, call->rows);
}
