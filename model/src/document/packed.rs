//! Many numbers as one short text: their bytes by place (all first bytes, then all second ones, …), deflated, in base 64.
//!
//! Unpacking gives the same numbers, bit by bit. Numbers of one kind share their high bytes, and so pack to about half.
//!
//! Fails: a text that was not packed so, or holds another count of numbers than is asked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::{CompressionLevel, compress_to_vec};
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};

/// Packed numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packed(String);

const BYTES: usize = 8;
/// How hard to deflate: the usual level. Another one would change a plan's bytes.
const LEVEL: u8 = CompressionLevel::DefaultLevel as u8;

impl Packed {
    /// Numbers, packed.
    pub fn of(numbers: &[f64]) -> Self {
        let mut bytes = vec![0; BYTES * numbers.len()];
        for (place, number) in numbers.iter().enumerate() {
            for (byte, value) in number.to_le_bytes().into_iter().enumerate() {
                bytes[byte * numbers.len() + place] = value;
            }
        }
        Self(STANDARD.encode(compress_to_vec(&bytes, LEVEL)))
    }

    /// So many numbers.
    ///
    /// # Errors
    /// If the text was not packed so, or holds another count.
    pub fn numbers(&self, count: usize) -> Result<Vec<f64>, String> {
        let deflated = STANDARD.decode(&self.0).map_err(|_| "not in base 64")?;
        let bytes =
            decompress_to_vec_with_limit(&deflated, BYTES * count).map_err(|_| format!("not {count} numbers, packed"))?;
        if bytes.len() != BYTES * count {
            return Err(format!("fewer than {count} numbers"));
        }
        let number = |place: usize| {
            let mut own = [0; BYTES];
            for (byte, value) in own.iter_mut().enumerate() {
                *value = bytes[byte * count + place];
            }
            f64::from_le_bytes(own)
        };
        Ok((0..count).map(number).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::Packed;

    #[test]
    fn what_was_not_packed_so_is_refused() {
        assert_eq!(Packed("?".into()).numbers(1).unwrap_err(), "not in base 64");
        assert!(Packed("AAAA".into()).numbers(1).is_err());
        assert_eq!(Packed::of(&[1.0, 2.0]).numbers(1).unwrap_err(), "not 1 numbers, packed");
        assert_eq!(Packed::of(&[1.0]).numbers(2).unwrap_err(), "fewer than 2 numbers");
        assert_eq!(Packed::of(&[]).numbers(0).unwrap(), Vec::<f64>::new());
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let many = Packed::of(&vec![0.0; 1_000_000]);
        assert!(many.0.len() < 20_000);
        assert_eq!(many.numbers(3).unwrap_err(), "not 3 numbers, packed");
    }

    proptest! {
        #[test]
        fn numbers_come_back_bit_by_bit(numbers in prop::collection::vec(any::<f64>(), 0..40)) {
            let back = Packed::of(&numbers).numbers(numbers.len()).unwrap();
            let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&back), bits(&numbers));
        }
    }
}
