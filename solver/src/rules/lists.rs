//! Many short lists in one array.

use std::ops::Range;

/// Lists, one after another.
#[derive(Clone, Debug)]
pub(super) struct Lists<T> {
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T> Lists<T> {
    /// One list after another.
    pub(super) fn new(lists: impl Iterator<Item = Vec<T>>) -> Self {
        let (mut starts, mut items) = (vec![0], Vec::new());
        for list in lists {
            items.extend(list);
            starts.push(items.len());
        }
        Self { starts, items }
    }

    /// A list.
    pub(super) fn of(&self, index: usize) -> &[T] {
        &self.items[self.range(index)]
    }

    /// Where a list stands among all items.
    pub(super) fn range(&self, index: usize) -> Range<usize> {
        self.starts[index]..self.starts[index + 1]
    }

    /// All items.
    pub(super) fn all(&self) -> &[T] {
        &self.items
    }

    /// An item by its place among all.
    pub(super) fn item(&self, at: usize) -> &T {
        &self.items[at]
    }
}
