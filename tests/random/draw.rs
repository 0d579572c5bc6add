//! Draws that a seed determines, the same on every machine (SplitMix64).

/// A stream of draws.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 … 1, without 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of so many.
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// A number between two, of three decimals as people write them; now and then one of the ends.
    pub fn within(&mut self, least: f64, most: f64) -> f64 {
        match self.below(20) {
            0 => least,
            1 => most,
            _ => ((least + (most - least) * self.unit()) * 1e3).round() / 1e3,
        }
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// So many of them at most and at least one, each once, in their order.
    pub fn some<T: Clone>(&mut self, of: &[T], most: usize) -> Vec<T> {
        let mut places: Vec<usize> = (0..of.len()).collect();
        while places.len() > most.max(1) {
            places.remove(self.below(places.len()));
        }
        while places.len() > 1 && self.chance(0.4) {
            places.remove(self.below(places.len()));
        }
        places.into_iter().map(|place| of[place].clone()).collect()
    }
}
