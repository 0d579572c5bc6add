//! How often it is as dry as this: frequency analysis 频率分析 of a record, and the year of the record that stands for a frequency.
//!
//! A frequency P is the share of years whose value is reached or passed 超过概率, percent where people see it: 75, 90 and 95 are dry
//! years. [`Sample`] orders values with their empirical frequencies, m ÷ (n + 1); [`Pearson`] is the curve of type III that practice in
//! China fits to them; [`Sample::fitted`] the fitting line 适线法; [`FrequencyYear`] a year chosen and scaled 同倍比.
//! Source: SL 44-2006 水利水电工程设计洪水计算规范 and SL/T 278-2020 水利水电工程水文计算规范 (recalled: curve, first estimates, fitting);
//! Hosking and Wallis, Regional Frequency Analysis (1997), for L-moments.
//! Limits: one sample of complete years; historical floods and censored values are not taken in.

pub mod analysis;
mod pearson;
mod sample;
mod year;

pub use analysis::Analysis;
pub use pearson::{Pearson, deviate};
pub use sample::{Sample, TooLittle, Weights};
pub use year::{FEWEST_YEARS, FrequencyYear, USUAL_YEARS};
