// SPDX-License-Identifier: Apache-2.0
#include "wire/odata/type.h"

#include "base/str.h"
#include "codec/json.h"

const char *
odata_kind_name(enum odata_kind kind)
{
	static const char *const names[OD_KIND_COUNT] = {
		[OD_STRING] = "Edm.String",
		[OD_BOOL] = "Edm.Boolean",
		[OD_INT32] = "Edm.Int32",
		[OD_INT64] = "Edm.Int64",
		[OD_DOUBLE] = "Edm.Double",
		[OD_DATE] = "Edm.DateTimeOffset",
		[OD_GUID] = "Edm.Guid",
		[OD_BINARY] = "Edm.Binary",
		[OD_DURATION] = "Edm.Duration",
		[OD_ENUM] = "",
		[OD_COMPLEX] = "",
		[OD_ANY] = "Edm.Untyped",
	};

	return names[kind];
}

const struct odata_property *
odata_property_find(const struct odata_type *type, const char *name)
{
	const struct odata_property *by_old_name = NULL;

	for (; type; type = type->base)
		for (size_t i = 0; i < type->count; i++) {
			const struct odata_property *p = &type->properties[i];
			if (str_ieq(p->name, name))
				return p;
			if (!by_old_name && str_ieq(p->old_name, name))
				by_old_name = p;
		}
	return by_old_name;
}

const struct odata_property *
odata_property_at(const struct odata_type *type, size_t index)
{
	size_t inherited = 0;

	for (const struct odata_type *base = type->base; base; base = base->base)
		inherited += base->count;
	if (index < inherited)
		return odata_property_at(type->base, index);
	return index - inherited < type->count ? &type->properties[index - inherited] : NULL;
}

const struct odata_member *
odata_member_find(const struct odata_enum *members, const char *name)
{
	for (size_t i = 0; i < members->count; i++)
		if (str_ieq(members->members[i].name, name))
			return &members->members[i];
	return NULL;
}

const struct odata_member *
odata_member_of(const struct odata_enum *members, int value)
{
	for (size_t i = 0; i < members->count; i++)
		if (members->members[i].value == value)
			return &members->members[i];
	return NULL;
}

const struct odata_type *
odata_type_find(const struct odata_type *type, const char *name)
{
	name += *name == '#';
	if (str_ieq(type->name + (type->name[0] == '#'), name))
		return type;
	for (size_t i = 0; i < type->derived_count; i++) {
		const struct odata_type *found = odata_type_find(type->derived[i], name);
		if (found)
			return found;
	}
	return NULL;
}

bool
odata_type_is(const struct odata_type *type, const struct odata_type *of)
{
	for (; type; type = type->base)
		if (type == of)
			return true;
	return false;
}

const struct odata_type *
odata_type_of(const struct odata_type *type, const struct json *object)
{
	const char *name = json_str(object, "@odata.type");
	const struct odata_type *found = name ? odata_type_find(type, name) : NULL;

	return found ? found : type;
}
