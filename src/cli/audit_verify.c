// SPDX-License-Identifier: Apache-2.0
// The audit log's chain of hashes, worked out here: the service is asked for the links and not
// believed (src/store/audit.h says how a link is made).
#include "base/str.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "pki/hash.h"

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

struct chain {
	int64_t seq, head_seq; // the last that was seen, and where the service says it ends
	char sha256[2 * SHA256_LEN + 1], head[2 * SHA256_LEN + 1];
	int64_t broken;	      // 0: it holds
	const char *expected; // hash of an earlier run that must still be among them; NULL: none
	const char *finding;
};

static bool
check_link(struct arena *arena, struct chain *chain, const struct json *link, struct error *e)
{
	const char *text = json_str(link, "text"), *claimed = json_str(link, "sha256");
	int64_t seq = json_int(link, "seq", -1);

	if (!text || !claimed || seq < 0)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service's answer is no part of an audit chain");
	const char *linked = arena_printf(arena, "%s\n%s", chain->sha256, text);
	const char *is = sha256_hex(arena, slice_str(linked));
	chain->finding = seq != chain->seq + 1 ? "events before it are missing"
		: !str_eq(is, claimed)	       ? "it, or what stood before it, was changed"
					       : NULL;
	if (chain->finding)
		chain->broken = seq;
	if (str_ieq(chain->expected, is))
		chain->expected = NULL;
	chain->seq = seq;
	snprintf(chain->sha256, sizeof chain->sha256, "%s", is);
	return true;
}

static bool
check_page(struct cli *cli, struct chain *chain, bool *more, struct error *e)
{
	autoarena(page, ARENA_REQUEST);
	struct arena *whole = cli->arena;
	const struct json *answer;

	cli->arena = &page;
	bool ok = api_send(cli, "GET",
		arena_printf(&page, "/ferry/v1/audit/chain?after=%lld", (long long)chain->seq),
		NULL, &answer, e);
	cli->arena = whole;
	if (!ok)
		return false;
	const struct json *value = json_get(answer, "value");
	const char *head = json_str(answer, "headSha256");
	*more = value && value->count;
	chain->head_seq = json_int(answer, "headSeq", 0);
	snprintf(chain->head, sizeof chain->head, "%s", head ? head : "");
	for (const struct json *v = *more ? value->first : NULL; v && !chain->broken; v = v->next)
		if (!check_link(&page, chain, v, e))
			return false;
	return true;
}

static bool
print_verdict(struct cli *cli, const struct chain *chain, struct error *e)
{
	static const struct column intact[] = {
		{"Intact", "intact"}, {"Events", "events"}, {"Last hash", "sha256"}, {0}};
	static const struct column broken[] = {{"Intact", "intact"}, {"Events", "events"},
		{"Broken at", "brokenSeq"}, {"Finding", "finding"}, {0}};
	struct buf out;

	buf_init(&out, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "intact", !chain->broken);
	jsonw_int(&w, "events", chain->broken ? chain->broken - 1 : chain->seq);
	jsonw_str(&w, "sha256", chain->broken ? NULL : chain->sha256);
	if (chain->broken) {
		jsonw_int(&w, "brokenSeq", chain->broken);
		jsonw_str(&w, "finding", chain->finding);
	}
	jsonw_end_object(&w);
	const struct json *verdict = json_parse(cli->arena, buf_slice(&out), NULL, e);
	return verdict && output_object(cli, chain->broken ? broken : intact, verdict, e);
}

bool
audit_verify(struct cli *cli, struct error *e)
{
	struct chain chain = {.sha256 = NO_HASH, .expected = cli_option(cli, "expect")};
	struct progress progress;
	bool more = true;

	progress_begin(&progress, "verify", "events", 0, cli->format != OUTPUT_TABLE);
	while (more && !chain.broken) {
		if (!check_page(cli, &chain, &more, e))
			return false;
		progress.total = (uint64_t)chain.head_seq;
		progress_set(&progress, (uint64_t)chain.seq);
	}
	progress_end(&progress);
	if (!chain.broken && (chain.seq != chain.head_seq || !str_eq(chain.sha256, chain.head))) {
		chain.broken = chain.seq + 1;
		chain.finding = "the end of the log is missing";
	}
	if (!print_verdict(cli, &chain, e))
		return false;
	if (chain.broken)
		return error_set(e, ERR_CRYPTO, "the audit log does not hold at event %lld: %s",
			(long long)chain.broken, chain.finding);
	if (!chain.expected)
		return true;
	error_set(e, ERR_CRYPTO, "no event has the hash that --expect names");
	return error_hint(
		e, "the log was made anew, or cut and continued, since that hash was noted");
}
