// SPDX-License-Identifier: Apache-2.0
#include "domain/registration.h"

#include "base/str.h"

// Names that real files have, as letters and digits in lower case (behaviour R1, the partners'
// form, Graph's names, and the old name of the group tag).
static const struct {
	const char *name;
	enum registration_column column;
} names[] = {
	{"deviceserialnumber", REGISTRATION_SERIAL},
	{"serialnumber", REGISTRATION_SERIAL},
	{"serial", REGISTRATION_SERIAL},
	{"windowsproductid", REGISTRATION_PRODUCT_ID},
	{"productid", REGISTRATION_PRODUCT_ID},
	{"productkey", REGISTRATION_PRODUCT_ID},
	{"productkeyid", REGISTRATION_PRODUCT_ID},
	{"pkid", REGISTRATION_PRODUCT_ID},
	{"hardwarehash", REGISTRATION_HASH},
	{"hardwareidentifier", REGISTRATION_HASH},
	{"devicehash", REGISTRATION_HASH},
	{"hash", REGISTRATION_HASH},
	{"grouptag", REGISTRATION_TAG},
	{"orderid", REGISTRATION_TAG},
	{"orderidentifier", REGISTRATION_TAG},
	{"assigneduser", REGISTRATION_USER},
	{"assigneduserprincipalname", REGISTRATION_USER},
	{"userprincipalname", REGISTRATION_USER},
	{"user", REGISTRATION_USER},
	{"manufacturername", REGISTRATION_MANUFACTURER},
	{"manufacturer", REGISTRATION_MANUFACTURER},
	{"devicemanufacturer", REGISTRATION_MANUFACTURER},
	{"devicemodel", REGISTRATION_MODEL},
	{"model", REGISTRATION_MODEL},
	{"purchaseorderid", REGISTRATION_ORDER},
	{"purchaseorderidentifier", REGISTRATION_ORDER},
};
enum { NAMES = sizeof names / sizeof *names, NAME_MAX_LEN = 64, HASH_MIN_TEXT = 200 };

static const char *const intune_header[] = {"Device Serial Number", "Windows Product ID",
	"Hardware Hash", "Group Tag", "Assigned User"};
enum { INTUNE_NEEDED = 3, INTUNE_COLUMNS = sizeof intune_header / sizeof *intune_header };

static const char header_hint[] =
	"begin the file with: Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,"
	"Assigned User";

static bool
refuse_header(const struct csv_row *row, const char *what, struct error *e)
{
	error_fault(e, ERR_INVALID, "import_header_unknown", "line %zu: %s", row->line, what);
	return error_hint(e, "%s", header_hint);
}

static bool
strict_header(const struct csv_row *row, struct registration_form *out, struct error *e)
{
	if (row->count < INTUNE_NEEDED || row->count > INTUNE_COLUMNS)
		return refuse_header(row, "the header has not Intune's columns", e);
	for (size_t i = 0; i < row->count; i++) {
		if (!str_eq(row->fields[i], intune_header[i]))
			return refuse_header(
				row, "the header is not Intune's, letter by letter", e);
		out->columns[i] = (int)i;
	}
	return true;
}

static void
plain_name(const char *text, char out[NAME_MAX_LEN])
{
	size_t len = 0;

	for (; *text && len < NAME_MAX_LEN - 1; text++) {
		char c = *text;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[len++] = c;
	}
	out[len] = '\0';
}

// "OA", the magic of a hash, in base64.
static bool
looks_like_hash(const char *text)
{
	text += strspn(text, " \t");
	return strncmp(text, "T0", 2) == 0 && text[2] >= 'E' && text[2] <= 'H' &&
		strlen(text) >= HASH_MIN_TEXT;
}

static bool
tolerant_header(const struct csv_row *row, struct registration_form *out, struct error *e)
{
	for (size_t i = 0; i < row->count; i++) {
		char name[NAME_MAX_LEN];
		plain_name(row->fields[i], name);
		for (size_t n = 0; n < NAMES; n++)
			if (str_eq(name, names[n].name) && out->columns[names[n].column] < 0)
				out->columns[names[n].column] = (int)i;
	}
	if (out->columns[REGISTRATION_HASH] >= 0)
		return true;
	for (size_t i = 0; i < row->count; i++) {
		if (!looks_like_hash(row->fields[i]))
			continue;
		out->first_is_data = true;
		for (int c = 0; c < REGISTRATION_COLUMNS; c++)
			out->columns[c] = c < INTUNE_COLUMNS ? c : -1;
		if (i == REGISTRATION_HASH)
			return true;
		// Not Intune's order: only what can be told for certain.
		for (int c = 0; c < REGISTRATION_COLUMNS; c++)
			out->columns[c] = -1;
		out->columns[REGISTRATION_HASH] = (int)i;
		return true;
	}
	return refuse_header(row, "there is no column \"Hardware Hash\"", e);
}

bool
registration_header(
	const struct csv_row *row, bool strict, struct registration_form *out, struct error *e)
{
	*out = (struct registration_form){.strict = strict};
	for (int c = 0; c < REGISTRATION_COLUMNS; c++)
		out->columns[c] = -1;
	if (row->error.code)
		return refuse_header(row, row->error.message, e);
	return strict ? strict_header(row, out, e) : tolerant_header(row, out, e);
}

// A cell without the blanks that hands and spreadsheets leave around, unless every blank counts.
static const char *
cell(struct arena *arena, const struct registration_form *form, const struct csv_row *row,
	enum registration_column column)
{
	const char *text =
		form->columns[column] < 0 ? "" : csv_field(row, (size_t)form->columns[column]);
	size_t len = strlen(text);

	if (form->strict || !len || (!strchr(" \t'", *text) && !strchr(" \t", text[len - 1])))
		return text;
	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t", text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

static bool
differs(const char *said, const char *in_hash)
{
	return !str_empty(said) && !str_ieq(said, in_hash);
}

static const char *
text_of(const char *text)
{
	return text ? text : "";
}

static bool
zeros(const uint8_t *at, size_t len)
{
	return len == 0 || (*at == 0 && memcmp(at, at + 1, len - 1) == 0);
}

// Devices fill a hash with zeros up to 3000 bytes; two thirds are nothing else.
static struct slice
without_filling(struct slice bytes)
{
	enum { CHECKSUM = 36 };
	size_t end = ((size_t)bytes.data[2] | (size_t)bytes.data[3] << 8) + CHECKSUM;

	if (bytes.len > end && zeros(bytes.data + end, bytes.len - end))
		bytes.len = end;
	return bytes;
}

static bool
take_hash(const struct hwhash *hash, const char *serial, struct registration_line *out,
	struct error *e)
{
	if (str_empty(hash->serial) || str_empty(hash->manufacturer))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hardware hash names no manufacturer or serial number");
	if (differs(serial, hash->serial))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hash is of serial number %.40s, the column says %.40s", hash->serial,
			serial);
	out->serial = hash->serial;
	out->manufacturer = hash->manufacturer;
	out->model = text_of(hash->product);
	out->sku_number = text_of(hash->sku);
	out->system_family = text_of(hash->family);
	out->ek_id = hash->ek_id;
	out->placeholder = registration_placeholder(hash->serial);
	if (out->placeholder && !hash->ek_id)
		return error_fault(e, ERR_INVALID, "import_serial_placeholder",
			"\"%.40s\" is no serial number, and the hash has no TPM key", hash->serial);
	return true;
}

bool
registration_decode(struct arena *arena, struct slice text, const char *serial,
	struct registration_line *out, struct error *e)
{
	struct hwhash hash;
	struct slice bytes;
	struct error why;

	if (!text.len)
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid", "there is no hardware hash");
	if (!hwhash_from_text(arena, text, &bytes, &why) ||
		!hwhash_decode(arena, bytes, &hash, &why))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid", "%s", why.message);
	out->hash = without_filling(bytes);
	return take_hash(&hash, serial, out, e);
}

static bool
check_cells(const struct registration_line *line, const char *serial, struct error *e)
{
	const char *const cells[] = {
		serial, line->product_key, line->group_tag, line->user, line->purchase_order};

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		if (strlen(cells[i]) > REGISTRATION_CELL_MAX)
			return error_fault(e, ERR_LIMIT, "import_cell_invalid",
				"a cell has more than %d bytes", REGISTRATION_CELL_MAX);
		for (const char *c = cells[i]; *c; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f)
				return error_fault(e, ERR_INVALID, "import_cell_invalid",
					"a cell holds a control character");
	}
	if (*line->user && !strchr(line->user, '@'))
		return error_fault(e, ERR_INVALID, "import_cell_invalid",
			"the assigned user is no user principal name (name@domain)");
	return true;
}

static bool
read_line(struct arena *arena, const struct registration_form *form, const struct csv_row *row,
	struct registration_line *out, struct error *e)
{
	const char *serial = cell(arena, form, row, REGISTRATION_SERIAL);
	const char *maker = cell(arena, form, row, REGISTRATION_MANUFACTURER);
	int hash = form->columns[REGISTRATION_HASH];

	out->serial = serial;
	if (row->error.code)
		return error_fault(
			e, row->error.code, "import_line_malformed", "%s", row->error.message);
	out->product_key = cell(arena, form, row, REGISTRATION_PRODUCT_ID);
	out->group_tag = cell(arena, form, row, REGISTRATION_TAG);
	out->user = cell(arena, form, row, REGISTRATION_USER);
	out->purchase_order = cell(arena, form, row, REGISTRATION_ORDER);
	if (!check_cells(out, serial, e))
		return false;
	if (form->strict && !*serial)
		return error_fault(e, ERR_INVALID, "import_cell_invalid",
			"there is no serial number (behaviour R2)");
	if (!registration_decode(arena, slice_str(csv_field(row, (size_t)hash)), serial, out, e))
		return false;
	if (differs(maker, out->manufacturer))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hash is of a device by %.60s, the column says another maker",
			out->manufacturer);
	return true;
}

void
registration_read(struct arena *arena, const struct registration_form *form,
	const struct csv_row *row, struct registration_line *out)
{
	*out = (struct registration_line){.line = row->line,
		.serial = "",
		.manufacturer = "",
		.model = "",
		.sku_number = "",
		.system_family = "",
		.product_key = "",
		.group_tag = "",
		.user = "",
		.purchase_order = ""};
	if (!read_line(arena, form, row, out, &out->error) && !out->error.code)
		out->error.code = ERR_INTERNAL;
}

bool
registration_placeholder(const char *serial)
{
	static const char *const known[] = {"tobefilledbyoem", "tobefilled", "defaultstring",
		"systemserialnumber", "serialnumber", "chassisserialnumber",
		"baseboardserialnumber", "none", "na", "null", "invalid", "notapplicable",
		"notspecified", "notavailable", "unknown", "oem", "empty", "sernum", "default",
		"noserialnumber", "0123456789", "123456789", "1234567890", "12345678"};
	char name[NAME_MAX_LEN];

	plain_name(serial, name);
	if (!*name)
		return true;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq(name, known[i]))
			return true;
	// One character over and over: 0, 00000000, FFFFFFFF, XXXXXXX.
	return strspn(name, (char[]){*name, '\0'}) == strlen(name) && (name[1] || *name == '0');
}

const char *
registration_key(struct arena *arena, const char *serial, const char *ek_id)
{
	char *key = str_upper(arena, serial);

	if (!ek_id || !registration_placeholder(serial))
		return key;
	return arena_printf(arena, "%s/%.16s", key, ek_id);
}

// --- one device or two ---

static bool
same_text(const char *a, const char *b)
{
	return !str_empty(a) && str_ieq(a, b);
}

static bool
share_adapter(const struct hwhash *a, const struct hwhash *b)
{
	for (size_t i = 0; i < a->nic_count; i++)
		for (size_t k = 0; k < b->nic_count; k++)
			if (memcmp(a->nics[i].mac, b->nics[k].mac, sizeof a->nics[i].mac) == 0)
				return true;
	return false;
}

static bool
share_disk(const struct hwhash *a, const struct hwhash *b)
{
	for (size_t i = 0; i < a->disk_serial_count; i++)
		for (size_t k = 0; k < b->disk_serial_count; k++)
			if (str_eq(a->disk_serials[i], b->disk_serials[k]))
				return true;
	return false;
}

struct evidence {
	bool tpm_known, tpm, serial, maker, uuid, board, adapter, disk;
};

static struct evidence
compare_parts(const struct hwhash *known, const struct hwhash *seen)
{
	return (struct evidence){
		.tpm_known = known->ek_id && seen->ek_id,
		.tpm = str_eq(known->ek_id, seen->ek_id),
		.serial = same_text(known->serial, seen->serial) &&
			!registration_placeholder(known->serial),
		.maker = same_text(known->manufacturer, seen->manufacturer),
		.uuid = known->uuid[0] && str_ieq(known->uuid, seen->uuid),
		.board = same_text(known->board_product, seen->board_product),
		.adapter = share_adapter(known, seen),
		.disk = share_disk(known, seen),
	};
}

struct registration_verdict
registration_compare(struct arena *arena, const struct hwhash *known, const struct hwhash *seen)
{
	struct evidence s = compare_parts(known, seen);
	bool named = (s.serial && s.maker) || s.uuid;
	// What a thief of the disk or a new network card brings weighs next to nothing.
	int score = (s.tpm ? 45 : 0) + (s.serial && s.maker ? 25 : 0) + (s.uuid ? 15 : 0) +
		(s.adapter ? 8 : 0) + (s.board ? 5 : 0) + (s.disk ? 2 : 0);
	enum registration_match match = MATCH_OTHER;

	if (s.tpm)
		match = named || (!seen->uuid[0] && !s.serial) ? MATCH_SAME : MATCH_MOVED;
	else if (s.tpm_known)
		match = named ? MATCH_BOARD : MATCH_OTHER;
	else if (named && score >= 25)
		match = MATCH_SAME;
	return (struct registration_verdict){.match = match,
		.score = score,
		.changed = arena_printf(arena, "%s%s%s%s", s.tpm || !s.tpm_known ? "" : "TPM ",
			named ? "" : "board ", s.adapter || !known->nic_count ? "" : "network ",
			s.disk || !known->disk_serial_count ? "" : "disk ")};
}

const char *
registration_graph_error(const char *fault, int64_t *code)
{
	static const struct {
		const char *fault, *name;
		int code;
	} table[] = {
		{"ztd_already_assigned", "ZtdDeviceAlreadyAssigned", 806},
		{"hardware_mismatch", "ZtdDeviceAlreadyAssigned", 806},
		{"ztd_assigned_to_other_tenant", "ZtdDeviceAssignedToOtherTenant", 808},
		{"ztd_duplicated", "ZtdDeviceDuplicated", 0},
		{"ztd_not_found", "ZtdDeviceNotFound", 0},
		{"ztd_hash_invalid", "InvalidZtdHardwareHash", 802},
		{"import_serial_placeholder", "InvalidZtdHardwareHash", 802},
	};

	*code = 0;
	if (!fault)
		return "";
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (!str_eq(fault, table[i].fault))
			continue;
		*code = table[i].code;
		return table[i].name;
	}
	return "StorageError";
}
