//! One entry of the document: what a route takes, from whom, and what it answers.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Everybody.
    Anyone,
    /// Who has the cart's secret, its customer, admins.
    Holder,
    /// Admins.
    Admin,
}

/// Makes the schema of a body, with a generator that keeps what it refers to.
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

struct Answer {
    status: u16,
    description: &'static str,
    schema: SchemaOf,
}

/// An entry of the document.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    tag: &'static str,
    id: &'static str,
    summary: &'static str,
    who: Who,
    body: Option<(SchemaOf, Value)>,
    /// Media types of a body that is no JSON.
    files: &'static [&'static str],
    answers: Vec<Answer>,
    codes: Vec<&'static str>,
    waits: bool,
}

/// Statuses of what any command may be refused with.
const REFUSALS: [u16; 10] = [400, 401, 408, 409, 412, 413, 415, 422, 500, 503];
/// Statuses of what a question may be refused with.
const REFUSALS_TO_LOOK: [u16; 4] = [400, 401, 500, 503];

impl Operation {
    pub(super) fn new(method: &'static str, path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            tag: "",
            id,
            summary,
            who: Who::Admin,
            body: None,
            files: &[],
            answers: Vec::new(),
            codes: Vec::new(),
            waits: false,
        }
    }

    /// In which chapter it stands.
    pub(super) fn under(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// Who may ask; admins unless it is said.
    pub(super) fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// The body it takes, and an example of it.
    pub(super) fn takes<T: JsonSchema>(mut self, example: Value) -> Self {
        self.body = Some((schema_of::<T>, example));
        self
    }

    /// A file of these media types as its body.
    pub(super) fn takes_file(mut self, types: &'static [&'static str]) -> Self {
        self.files = types;
        self
    }

    /// What it answers when something was done, or is.
    pub(super) fn answers<T: JsonSchema>(mut self, status: u16, description: &'static str) -> Self {
        self.answers.push(Answer {
            status,
            description,
            schema: schema_of::<T>,
        });
        self
    }

    /// The codes of refusals that are its own.
    pub(super) fn may_say(mut self, codes: &[&'static str]) -> Self {
        self.codes.extend(codes);
        self
    }

    /// Its caller may say how long to wait.
    pub(super) fn that_waits(mut self) -> Self {
        self.waits = true;
        self
    }

    /// The names of the path's parts.
    pub(super) fn parts(&self) -> impl Iterator<Item = &'static str> {
        let segments = self.path.split('/');
        segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// The entry as the specification wants it. What goes in and what comes out have schemas of their own.
    pub(super) fn to_json(&self, incoming: &mut SchemaGenerator, outgoing: &mut SchemaGenerator) -> Value {
        let mut entry = Map::new();
        entry.insert("tags".to_owned(), json!([self.tag]));
        entry.insert("operationId".to_owned(), json!(self.id));
        entry.insert("summary".to_owned(), json!(self.summary));
        entry.insert("security".to_owned(), self.security());
        entry.insert("parameters".to_owned(), self.parameters());
        if let Some((schema, example)) = &self.body {
            let schema = schema(incoming);
            let is_required = is_required(&schema, incoming);
            let content = json!({ "application/json": { "schema": schema, "example": example } });
            entry.insert(
                "requestBody".to_owned(),
                json!({ "required": is_required, "content": content }),
            );
        }
        if !self.files.is_empty() {
            let content = self
                .files
                .iter()
                .map(|media_type| ((*media_type).to_owned(), json!({})));
            let content = Value::Object(content.collect());
            entry.insert(
                "requestBody".to_owned(),
                json!({ "required": true, "content": content }),
            );
        }
        entry.insert("responses".to_owned(), self.responses(outgoing));
        entry.insert("x-codes".to_owned(), json!(self.codes));
        if !self.codes.is_empty() {
            let codes: Vec<String> = self.codes.iter().map(|code| format!("`{code}`")).collect();
            let told = format!("Codes of its own refusals: {}.", codes.join(", "));
            entry.insert("description".to_owned(), json!(told));
        }
        Value::Object(entry)
    }

    fn is_command(&self) -> bool {
        self.method != "get"
    }

    fn security(&self) -> Value {
        match self.who {
            Who::Anyone => json!([{}, { "bearer": [] }, { "cartSecret": [] }]),
            Who::Holder => json!([{ "cartSecret": [] }, { "bearer": [] }]),
            Who::Admin => json!([{ "bearer": [] }]),
        }
    }

    fn parameters(&self) -> Value {
        let mut names: Vec<String> = self.parts().map(|part| format!("path-{part}")).collect();
        if self.is_command() {
            names.extend(["Idempotency-Key", "If-Match"].map(str::to_owned));
        }
        if self.waits {
            names.push("Prefer".to_owned());
        }
        names.extend(["Consistency-Token", "Accept-Language", "X-Request-Id"].map(str::to_owned));
        let references = names.iter().map(|name| reference("parameters", name));
        references.collect()
    }

    fn responses(&self, outgoing: &mut SchemaGenerator) -> Value {
        let mut responses = Map::new();
        for answer in &self.answers {
            let schema = (answer.schema)(outgoing);
            let said = json!({
                "description": answer.description,
                "headers": self.headers(answer.status),
                "content": { "application/json": { "schema": schema } },
            });
            responses.insert(answer.status.to_string(), said);
        }
        let mut refusals = if self.is_command() {
            REFUSALS.to_vec()
        } else {
            REFUSALS_TO_LOOK.to_vec()
        };
        if self.who == Who::Admin {
            refusals.push(403);
        }
        if self.parts().next().is_some() {
            refusals.push(404);
        }
        for status in refusals {
            responses.insert(status.to_string(), reference("responses", &status.to_string()));
        }
        Value::Object(responses)
    }

    fn headers(&self, status: u16) -> Value {
        let mut names = vec!["Consistency-Token", "X-Request-Id"];
        if !self.waits && self.files.is_empty() {
            names.push("ETag");
        }
        if self.is_command() {
            names.push("Idempotent-Replayed");
        }
        if matches!(status, 201 | 202) {
            names.push("Location");
        }
        let headers = names
            .iter()
            .map(|name| ((*name).to_owned(), reference("headers", name)));
        Value::Object(headers.collect())
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Where the document keeps a shared part.
pub(super) fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// Whether `{}` is not enough.
fn is_required(schema: &Schema, generator: &SchemaGenerator) -> bool {
    let name = schema.get("$ref").and_then(|name| name.as_str()?.rsplit('/').next());
    let known = name.and_then(|name| generator.definitions().get(name));
    let required = known.and_then(|known| known.get("required"));
    required
        .and_then(Value::as_array)
        .is_some_and(|names| !names.is_empty())
}
