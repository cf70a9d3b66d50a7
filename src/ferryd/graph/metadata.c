// SPDX-License-Identifier: Apache-2.0
// GET /{version}/$metadata: the entity model as CSDL (OData 4.0), from the tables that also read,
// filter and write.
#include "ferryd/graph/documented.h"
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"

enum { METADATA_MAX = 4 << 20 };

static const char *
edm_name(struct arena *arena, const struct odata_property *p)
{
	const char *name = *odata_kind_name(p->kind) ? odata_kind_name(p->kind)
		: p->kind == OD_ENUM		     ? p->members->name
		: p->kind == OD_COMPLEX		     ? p->complex->name + 1
						     : "graph.Json";

	if (p->kind == OD_ANY)
		name = "graph.Json";
	return p->flags & OD_LIST ? arena_printf(arena, "Collection(%s)", name) : name;
}

static bool
is_shown(const struct odata_property *p, enum odata_version version)
{
	return version == ODATA_BETA || !(p->flags & OD_BETA);
}

static void
write_property(struct buf *out, const char *name, const struct odata_property *p)
{
	bool nav = p->flags & OD_NAV;

	buf_printf(out, "    <%s Name=\"%s\" Type=\"%s\"", nav ? "NavigationProperty" : "Property",
		name, edm_name(out->arena, p));
	if (!(p->flags & OD_NULLABLE) && !nav && !(p->flags & OD_LIST))
		buf_puts(out, " Nullable=\"false\"");
	buf_puts(out, "/>\n");
}

static void
write_type(struct buf *out, const struct odata_type *type, enum odata_version version)
{
	const struct odata_type *root = type;

	while (root->base)
		root = root->base;
	bool entity = root->count && str_eq(root->properties[0].name, "id");
	const char *kind = entity ? "EntityType" : "ComplexType";
	buf_printf(out, "   <%s Name=\"%s\"", kind, strrchr(type->name, '.') + 1);
	if (type->base)
		buf_printf(out, " BaseType=\"%s\"", type->base->name + 1);
	if (type->abstract)
		buf_puts(out, " Abstract=\"true\"");
	buf_puts(out, " OpenType=\"true\">\n");
	if (entity && !type->base)
		buf_puts(out, "    <Key><PropertyRef Name=\"id\"/></Key>\n");
	for (size_t i = 0; i < type->count; i++) {
		const struct odata_property *p = &type->properties[i];
		if (!is_shown(p, version))
			continue;
		write_property(out, p->name, p);
		if (p->old_name && version == ODATA_BETA)
			write_property(out, p->old_name, p);
	}
	buf_printf(out, "   </%s>\n", kind);
}

static void
write_enum(struct buf *out, const struct odata_enum *members)
{
	buf_printf(out, "   <EnumType Name=\"%s\">\n", strrchr(members->name, '.') + 1);
	for (size_t i = 0; i < members->count; i++)
		buf_printf(out, "    <Member Name=\"%s\" Value=\"%d\"/>\n",
			members->members[i].name, members->members[i].value);
	buf_puts(out, "   </EnumType>\n");
}

// deviceManagement/x is a property of a single object of the service; what has no slash is a set.
static const char *const roots[] = {"deviceManagement", "deviceAppManagement", "policies"};
enum { ROOTS = sizeof roots / sizeof *roots };

static bool
is_below(const char *path, const char *root)
{
	return str_starts(path, root) && path[strlen(root)] == '/';
}

static void
write_root_type(struct buf *out, const struct documented *all, const char *root)
{
	buf_printf(out, "   <EntityType Name=\"%sRoot\" OpenType=\"true\">\n", root);
	for (size_t i = 0; i < all->collection_count; i++) {
		const struct graph_collection *collection = all->collections[i];
		if (is_below(collection->path, root))
			buf_printf(out,
				"    <NavigationProperty Name=\"%s\" Type=\"Collection(%s)\" "
				"ContainsTarget=\"true\"/>\n",
				strrchr(collection->path, '/') + 1, collection->type->name + 1);
	}
	buf_puts(out, "   </EntityType>\n");
}

static void
write_roots(struct buf *out, const struct documented *all)
{
	for (size_t i = 0; i < ROOTS; i++)
		write_root_type(out, all, roots[i]);
	buf_puts(out, "   <EntityContainer Name=\"GraphService\">\n");
	for (size_t i = 0; i < all->collection_count; i++)
		if (!strchr(all->collections[i]->path, '/'))
			buf_printf(out, "    <EntitySet Name=\"%s\" EntityType=\"%s\"/>\n",
				all->collections[i]->path, all->collections[i]->type->name + 1);
	for (size_t i = 0; i < ROOTS; i++)
		buf_printf(out, "    <Singleton Name=\"%s\" Type=\"microsoft.graph.%sRoot\"/>\n",
			roots[i], roots[i]);
	buf_puts(out, "   </EntityContainer>\n");
}

bool
graph_metadata(struct call *c, struct error *e)
{
	enum odata_version version = graph_version(c);
	struct documented all;
	struct buf out;

	documented_collect(c->arena, &all);
	buf_init(&out, c->arena, METADATA_MAX);
	buf_puts(&out,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<edmx:Edmx Version=\"4.0\" "
		"xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\n"
		" <edmx:DataServices>\n"
		"  <Schema Namespace=\"microsoft.graph\" Alias=\"graph\" "
		"xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\n"
		"   <ComplexType Name=\"Json\" OpenType=\"true\"/>\n");
	for (size_t i = 0; i < all.enum_count; i++)
		write_enum(&out, all.enums[i]);
	for (size_t i = 0; i < all.type_count; i++)
		write_type(&out, all.types[i], version);
	write_roots(&out, &all);
	buf_puts(&out, "  </Schema>\n </edmx:DataServices>\n</edmx:Edmx>\n");
	if (!buf_ok(&out, e))
		return false;
	http_response_set(c->resp, 200, "application/xml", buf_slice(&out));
	return true;
}
