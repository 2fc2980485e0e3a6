//! The blobs of a repository: what the store has, then many with one GraphQL query, and the rest one by one.
//!
//! Comes in: ids. Goes out: bytes that hash to them, whoever told them. GraphQL tells a blob as text, so that what is binary, cut, not in UTF-8 or
//! with a byte order mark is asked for by REST. What has come is kept as it comes: a pull request of thousands of files goes on where the limit of
//! requests ended it.
//!
//! Source: `Blob` in GitHub's schema, <https://docs.github.com/en/graphql/reference/objects#blob>, read 2026-11-30.

use super::error::ForgeError;
use super::object;
use super::tree::Place;
use super::wire;
use crate::change::ObjectId;
use crate::source::MAX_FILE_BYTES;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;

/// So many are asked for one by one: a query takes longer to answer than one of them.
const FEW: usize = 12;
/// Blobs in one query.
const IN_A_QUERY: usize = 50;
/// Requests that are sent at the same time.
const AT_ONCE: usize = 6;

type Told = Vec<(ObjectId, Vec<u8>)>;

impl Place {
    /// The blobs with these ids, from the cache where they are there.
    ///
    /// # Errors
    /// The first of the forge's; what came before is kept.
    pub async fn blobs(&self, ids: BTreeSet<ObjectId>) -> Result<BTreeMap<ObjectId, Vec<u8>>, ForgeError> {
        let mut found = BTreeMap::new();
        let mut missing = Vec::new();
        for id in ids {
            match self.known_blob(id).await? {
                Some(bytes) => {
                    found.insert(id, bytes);
                }
                None => missing.push(id),
            }
        }
        if missing.len() > FEW {
            let queries: Vec<Vec<ObjectId>> = missing.chunks(IN_A_QUERY).map(<[_]>::to_vec).collect();
            self.ask(queries, &mut found, |place, ids| async move { place.query(&ids).await }).await?;
            missing.retain(|id| !found.contains_key(id));
        }
        self.ask(missing, &mut found, |place, id| async move { Ok(vec![(id, place.fetch_blob(id).await?)]) }).await?;
        Ok(found)
    }

    /// Asks a few at a time, and keeps what comes.
    async fn ask<Q: Send + 'static, F>(
        &self,
        asked: Vec<Q>,
        found: &mut BTreeMap<ObjectId, Vec<u8>>,
        one: impl Fn(Self, Q) -> F,
    ) -> Result<(), ForgeError>
    where
        F: Future<Output = Result<Told, ForgeError>> + Send + 'static,
    {
        let mut running = JoinSet::new();
        let mut waiting = asked.into_iter();
        let mut fetched = Vec::new();
        let mut failed = None;
        loop {
            while failed.is_none()
                && running.len() < AT_ONCE
                && let Some(asked) = waiting.next()
            {
                running.spawn(one(self.clone(), asked));
            }
            let joined = running.join_next().await;
            let is_end = joined.is_none();
            match joined.map(|joined| joined.map_err(|error| ForgeError::Setup(error.to_string())).flatten()) {
                Some(Ok(told)) => {
                    fetched.extend(told.iter().map(|(id, bytes)| (self.blob_key(*id), bytes.clone())));
                    found.extend(told);
                }
                Some(Err(error)) => failed = failed.or(Some(error)),
                None => {}
            }
            if is_end || fetched.len() >= IN_A_QUERY {
                self.client.forge().store().keep_objects(&std::mem::take(&mut fetched)).await?;
            }
            if is_end {
                return failed.map_or(Ok(()), Err);
            }
        }
    }

    /// Those of some blobs whose text one query tells. None where the forge does not answer it: then they are asked for one by one.
    async fn query(&self, ids: &[ObjectId]) -> Result<Told, ForgeError> {
        let asked: Vec<String> = ids
            .iter()
            .enumerate()
            .map(|(index, id)| format!("b{index}: object(oid: \"{id}\") {{ ... on Blob {{ isTruncated text }} }}"))
            .collect();
        let document =
            format!("query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {} }} }}", asked.join(" "));
        let data = match self.client.graphql(&document, &json!({"owner": self.owner, "name": self.name})).await {
            Ok(data) => data,
            Err(
                ForgeError::NotFound { .. }
                | ForgeError::Forbidden { .. }
                | ForgeError::Unprocessable { .. }
                | ForgeError::TooLarge { .. }
                | ForgeError::Malformed { .. }
                | ForgeError::Failed { .. },
            ) => return Ok(Told::new()),
            Err(error) => return Err(error),
        };
        let told = ids.iter().enumerate().filter_map(|(index, id)| Some((*id, read(&data["repository"][format!("b{index}")], *id)?)));
        Ok(told.collect())
    }

    async fn known_blob(&self, id: ObjectId) -> Result<Option<Vec<u8>>, ForgeError> {
        let (store, key) = (self.client.forge().store(), self.blob_key(id));
        let known = store.object(&key).await?;
        if known.as_ref().is_some_and(|bytes| object::blob_id(bytes) != id) {
            store.drop_object(&key).await?;
            return Ok(None);
        }
        Ok(known)
    }

    /// What one repository may read, another may not: so the id alone is no key.
    fn blob_key(&self, id: ObjectId) -> String {
        format!("{}/blob/{id}", self.id)
    }

    async fn fetch_blob(&self, id: ObjectId) -> Result<Vec<u8>, ForgeError> {
        let path = self.path(&format!("/git/blobs/{id}"));
        let holds = |blob: &wire::Blob| content(blob).is_some_and(|bytes| object::blob_id(&bytes) == id);
        match self.client.get_object_if(&path, holds).await {
            Ok(blob) => Ok(content(&blob).unwrap_or_default()),
            // Larger than any file that is read: its exact size does not matter.
            Err(ForgeError::TooLarge { .. }) => Ok(vec![0; MAX_FILE_BYTES + 1]),
            Err(error) => Err(error),
        }
    }
}

/// The bytes of a blob as GraphQL tells them, if they are what the id names.
fn read(blob: &Value, id: ObjectId) -> Option<Vec<u8>> {
    let bytes = blob["text"].as_str().filter(|_| blob["isTruncated"] == false)?.as_bytes();
    (object::blob_id(bytes) == id).then(|| bytes.to_vec())
}

fn content(blob: &wire::Blob) -> Option<Vec<u8>> {
    match blob.encoding.as_str() {
        "base64" => decode(&blob.content),
        "utf-8" => Some(blob.content.clone().into_bytes()),
        _ => None,
    }
}

/// GitHub breaks its base64 into lines.
fn decode(content: &str) -> Option<Vec<u8>> {
    let joined: Vec<u8> = content.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(joined).ok()
}
