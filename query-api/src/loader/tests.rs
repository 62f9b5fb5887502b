use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use super::{Loader, ReadMany};
use crate::error::QueryError;

/// Answers a number below 100 with its double, and remembers what it was asked together.
#[derive(Default)]
struct Doubling {
    batches: Mutex<Vec<Vec<u32>>>,
}

impl ReadMany<u32, u32> for Doubling {
    fn read_many(self: Arc<Self>, keys: Vec<u32>) -> BoxFuture<'static, Result<Vec<Option<u32>>, QueryError>> {
        self.batches
            .lock()
            .expect("no test panics with the lock held")
            .push(keys.clone());
        let views = keys.iter().map(|key| (*key < 100).then_some(key * 2)).collect();
        async { Ok(views) }.boxed()
    }
}

impl Doubling {
    fn batches(&self) -> Vec<Vec<u32>> {
        self.batches.lock().expect("no test panics with the lock held").clone()
    }
}

#[tokio::test]
async fn what_is_asked_for_side_by_side_is_read_together_and_once() {
    let reader = Arc::new(Doubling::default());
    let loader = Loader::new(reader.clone());
    let loads = join_all([3, 1, 3, 100].map(|key| loader.load(key))).await;
    let views: Vec<Option<u32>> = loads
        .into_iter()
        .map(|view| view.expect("it reads").map(|view| *view))
        .collect();
    assert_eq!(views, [Some(6), Some(2), Some(6), None]);
    assert_eq!(reader.batches(), [[3, 1, 100]]);
}

#[tokio::test]
async fn what_was_read_is_not_read_again_not_even_what_is_absent() {
    let reader = Arc::new(Doubling::default());
    let loader = Loader::new(reader.clone());
    for _ in 0..2 {
        loader.load_many(&[7, 200]).await.expect("it reads");
    }
    loader.load_many(&[7, 8]).await.expect("it reads");
    assert_eq!(reader.batches(), [vec![7, 200], vec![8]]);
}

#[tokio::test]
async fn when_whoever_was_to_read_is_given_up_somebody_else_reads() {
    let reader = Arc::new(Doubling::default());
    let loader = Loader::new(reader.clone());
    let mut given_up = Box::pin(loader.load(1));
    assert!(futures::poll!(&mut given_up).is_pending(), "it lets others speak first");
    let mut waiting = Box::pin(loader.load(2));
    assert!(futures::poll!(&mut waiting).is_pending());
    drop(given_up);
    assert_eq!(waiting.await.expect("it reads").as_deref(), Some(&4));
}
